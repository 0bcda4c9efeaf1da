package stagepost.compat;

import com.huaweicloud.sdk.core.auth.BasicCredentials;
import com.huaweicloud.sdk.core.auth.ICredential;
import com.huaweicloud.sdk.core.exception.ServiceResponseException;
import com.huaweicloud.sdk.core.utils.JsonUtils;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What a user of the SDK meets beyond the sample, as one JSON object a line: the call, and its answer or its error
 * in the SDK's own words.
 */
public final class Calls {
    private static final int REPOSITORY = 2111976239;
    private static final int PIPELINE = 6;
    private static final int UNKNOWN = 2147483647;
    private static final String PROJECT = "72271b5446614062a01b8be944c9f372";
    private static final int PAGE = 50;

    private Calls() {
    }

    /** The arguments: a pipeline, and how many jobs it has. */
    public static void make(Function<ICredential, Sdk> connect, String[] arguments) {
        int pipeline = Integer.parseInt(arguments[0]);
        int jobs = Integer.parseInt(arguments[1]);
        String ak = System.getenv("CLOUD_SDK_AK");
        String sk = System.getenv("CLOUD_SDK_SK");
        Sdk sdk = connect.apply(new BasicCredentials().withAk(ak).withSk(sk));

        say("documented", () -> sdk.listPipelineJobs(REPOSITORY, PIPELINE, null, null));

        for (int offset = 0; offset < jobs; offset += PAGE) {
            int first = offset;
            say("page at " + first, () -> sdk.listPipelineJobs(REPOSITORY, pipeline, first, PAGE));
        }
        say("page of one", () -> sdk.listPipelineJobs(REPOSITORY, pipeline, 0, 1));
        say("largest page", () -> sdk.listPipelineJobs(REPOSITORY, pipeline, 0, 100));
        say("default page", () -> sdk.listPipelineJobs(REPOSITORY, pipeline, null, null));
        say("page after the last", () -> sdk.listPipelineJobs(REPOSITORY, pipeline, jobs, PAGE));
        say("empty page", () -> sdk.listPipelineJobs(REPOSITORY, PIPELINE, 1, null));

        say("limit 0", () -> sdk.listPipelineJobs(REPOSITORY, PIPELINE, null, 0));
        say("limit 101", () -> sdk.listPipelineJobs(REPOSITORY, PIPELINE, null, 101));
        say("limit -1", () -> sdk.listPipelineJobs(REPOSITORY, PIPELINE, null, -1));
        say("offset -1", () -> sdk.listPipelineJobs(REPOSITORY, PIPELINE, -1, null));
        say("unknown repository", () -> sdk.listPipelineJobs(UNKNOWN, PIPELINE, null, null));
        say("unknown pipeline", () -> sdk.listPipelineJobs(REPOSITORY, UNKNOWN, null, null));

        // With the project given, the first request is the call itself: the SDK would look the project up.
        String given = "0123456789abcdef0123456789abcdef";
        Sdk wrongSecret = connect.apply(new BasicCredentials().withAk(ak).withSk("wrong").withProjectId(given));
        say("wrong secret key", () -> wrongSecret.listPipelineJobs(REPOSITORY, PIPELINE, null, null));
        Sdk wrongKey =
            connect.apply(new BasicCredentials().withAk("UNKNOWN0000000000000").withSk(sk).withProjectId(given));
        say("unknown access key", () -> wrongKey.listPipelineJobs(REPOSITORY, PIPELINE, null, null));

        say("latest jobs", () -> sdk.listLatestPipelineJobs(REPOSITORY, PIPELINE));
        say("latest jobs of an unknown pipeline", () -> sdk.listLatestPipelineJobs(REPOSITORY, UNKNOWN));
        say("repository", () -> sdk.showRepository(REPOSITORY));
        say("an unknown repository", () -> sdk.showRepository(UNKNOWN));
        say("repositories found", () -> sdk.listCurrentUserRepositories("cicd"));
        say("repositories", () -> sdk.listCurrentUserRepositories(null));
        say("repositories of the project", () -> sdk.listProjectRepositories(PROJECT));
    }

    private static void say(String call, Supplier<Object> answer) {
        Map<String, Object> said = new LinkedHashMap<>();
        said.put("call", call);
        try {
            said.put("answer", answer.get());
        } catch (ServiceResponseException e) {
            Map<String, Object> error = new LinkedHashMap<>();
            error.put("exception", e.getClass().getSimpleName());
            error.put("http_status_code", e.getHttpStatusCode());
            error.put("request_id", e.getRequestId());
            error.put("error_code", e.getErrorCode());
            error.put("error_msg", e.getErrorMsg());
            error.put("printed", e.toString());
            said.put("error", error);
        }
        // In ASCII, so no locale garbles it.
        System.out.println(JsonUtils.toJSON(said));
    }
}
