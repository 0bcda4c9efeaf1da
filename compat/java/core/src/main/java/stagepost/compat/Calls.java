package stagepost.compat;

import com.huaweicloud.sdk.core.auth.BasicCredentials;
import com.huaweicloud.sdk.core.auth.ICredential;
import com.huaweicloud.sdk.core.auth.SigningAlgorithm;
import com.huaweicloud.sdk.core.exception.ServiceResponseException;
import com.huaweicloud.sdk.core.http.HttpConfig;
import com.huaweicloud.sdk.core.utils.JsonUtils;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiFunction;
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
    /** With the project given, the first request is the call itself: the SDK would look the project up. */
    private static final String GIVEN = "0123456789abcdef0123456789abcdef";

    private Calls() {
    }

    /** How an SDK is connected. */
    public interface Connect extends BiFunction<ICredential, HttpConfig, Sdk> {
        default Sdk with(ICredential credential) {
            return apply(credential, HttpConfig.getDefaultHttpConfig());
        }

        default Sdk with(ICredential credential, SigningAlgorithm algorithm) {
            return apply(credential, HttpConfig.getDefaultHttpConfig().withSigningAlgorithm(algorithm));
        }
    }

    /** The arguments: a pipeline, and how many jobs it has; without them the sample's call is all. */
    public static void make(Connect connect, String[] arguments) {
        String ak = System.getenv("CLOUD_SDK_AK");
        String sk = System.getenv("CLOUD_SDK_SK");
        Sdk sdk = connect.with(new BasicCredentials().withAk(ak).withSk(sk));

        say("documented", () -> sdk.listPipelineJobs(REPOSITORY, PIPELINE, null, null));
        if (arguments.length == 0) {
            return;
        }
        int pipeline = Integer.parseInt(arguments[0]);
        int jobs = Integer.parseInt(arguments[1]);

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

        Sdk wrongSecret = connect.with(new BasicCredentials().withAk(ak).withSk("wrong").withProjectId(GIVEN));
        say("wrong secret key", () -> wrongSecret.listPipelineJobs(REPOSITORY, PIPELINE, null, null));
        Sdk wrongKey =
            connect.with(new BasicCredentials().withAk("UNKNOWN0000000000000").withSk(sk).withProjectId(GIVEN));
        say("unknown access key", () -> wrongKey.listPipelineJobs(REPOSITORY, PIPELINE, null, null));

        say("latest jobs", () -> sdk.listLatestPipelineJobs(REPOSITORY, PIPELINE));
        say("latest jobs of an unknown pipeline", () -> sdk.listLatestPipelineJobs(REPOSITORY, UNKNOWN));
        say("repository", () -> sdk.showRepository(REPOSITORY));
        say("an unknown repository", () -> sdk.showRepository(UNKNOWN));
        say("repositories found", () -> sdk.listCurrentUserRepositories("cicd"));
        say("repositories", () -> sdk.listCurrentUserRepositories(null));
        String odd = System.getenv("ODD_WORDS");
        say("repositories found by odd words", () -> sdk.listCurrentUserRepositories(odd));
        say("repositories of the project", () -> sdk.listProjectRepositories(PROJECT));

        say("head pipeline, said", () -> sdk.showActualHeadPipeline(REPOSITORY, 7));
        say("head pipeline, reported", () -> sdk.showActualHeadPipeline(REPOSITORY, 8));
        say("head pipeline, waiting", () -> sdk.showActualHeadPipeline(REPOSITORY, 9));
        say("unknown merge request", () -> sdk.showActualHeadPipeline(REPOSITORY, UNKNOWN));

        String token = System.getenv("TEMPORARY_SECURITY_TOKEN");
        sayTemporary("temporary key", connect, token);
        sayTemporary("temporary key with another's security token", connect, "x" + token);
        sayTemporary("temporary key without its security token", connect, null);
        for (SigningAlgorithm algorithm : SigningAlgorithm.values()) {
            String name = algorithm.name().replace('_', '-');
            saySigned("signed by " + name, connect, algorithm, ak, sk);
            saySigned("signed by " + name + " with a wrong secret key", connect, algorithm, ak, "wrong");
        }
    }

    private static void sayTemporary(String call, Connect connect, String token) {
        BasicCredentials temporary = new BasicCredentials()
            .withAk(System.getenv("TEMPORARY_AK"))
            .withSk(System.getenv("TEMPORARY_SK"))
            .withSecurityToken(token)
            .withProjectId(GIVEN);
        Sdk sdk = connect.with(temporary);
        say(call, () -> sdk.listPipelineJobs(REPOSITORY, PIPELINE, null, null));
    }

    private static void saySigned(String call, Connect connect, SigningAlgorithm algorithm, String ak, String sk) {
        Sdk sdk = connect.with(new BasicCredentials().withAk(ak).withSk(sk).withProjectId(GIVEN), algorithm);
        say(call, () -> sdk.listPipelineJobs(REPOSITORY, PIPELINE, null, null));
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
