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
 * What a user of the SDK meets beyond the sample, as one JSON object a line: the call, and its response or its error
 * in the SDK's own words.
 */
public final class Calls {
    private static final int REPOSITORY = 2111976239;
    private static final int PIPELINE = 6;
    private static final int UNKNOWN = 2147483647;
    private static final String PROJECT = "72271b5446614062a01b8be944c9f372";
    private static final int PAGE = 50;
    /** With the project, the first request is the call itself: the SDK would look the project up. */
    private static final String GIVEN = "0123456789abcdef0123456789abcdef";

    private Calls() {
    }

    /** Connects an SDK. */
    public interface Connect extends BiFunction<ICredential, HttpConfig, Sdk> {
        default Sdk with(ICredential credential) {
            return apply(credential, HttpConfig.getDefaultHttpConfig());
        }

        default Sdk with(ICredential credential, SigningAlgorithm algorithm) {
            return apply(credential, HttpConfig.getDefaultHttpConfig().withSigningAlgorithm(algorithm));
        }
    }

    /** The arguments are a pipeline and its number of jobs; without them only the documented call is made. */
    public static void make(Connect connect, String[] arguments) {
        String ak = System.getenv("CLOUD_SDK_AK");
        String sk = System.getenv("CLOUD_SDK_SK");
        Sdk sdk = connect.with(new BasicCredentials().withAk(ak).withSk(sk));

        call("documented", () -> sdk.listPipelineJobs(REPOSITORY, PIPELINE, null, null));
        if (arguments.length == 0) {
            return;
        }
        int pipeline = Integer.parseInt(arguments[0]);
        int jobs = Integer.parseInt(arguments[1]);

        for (int offset = 0; offset < jobs; offset += PAGE) {
            int first = offset;
            call("page at " + first, () -> sdk.listPipelineJobs(REPOSITORY, pipeline, first, PAGE));
        }
        call("page of one", () -> sdk.listPipelineJobs(REPOSITORY, pipeline, 0, 1));
        call("largest page", () -> sdk.listPipelineJobs(REPOSITORY, pipeline, 0, 100));
        call("default page", () -> sdk.listPipelineJobs(REPOSITORY, pipeline, null, null));
        call("page after the last", () -> sdk.listPipelineJobs(REPOSITORY, pipeline, jobs, PAGE));
        call("empty page", () -> sdk.listPipelineJobs(REPOSITORY, PIPELINE, 1, null));

        call("limit 0", () -> sdk.listPipelineJobs(REPOSITORY, PIPELINE, null, 0));
        call("limit 101", () -> sdk.listPipelineJobs(REPOSITORY, PIPELINE, null, 101));
        call("limit -1", () -> sdk.listPipelineJobs(REPOSITORY, PIPELINE, null, -1));
        call("offset -1", () -> sdk.listPipelineJobs(REPOSITORY, PIPELINE, -1, null));
        call("unknown repository", () -> sdk.listPipelineJobs(UNKNOWN, PIPELINE, null, null));
        call("unknown pipeline", () -> sdk.listPipelineJobs(REPOSITORY, UNKNOWN, null, null));

        Sdk wrongSecret = connect.with(new BasicCredentials().withAk(ak).withSk("wrong").withProjectId(GIVEN));
        call("wrong secret key", () -> wrongSecret.listPipelineJobs(REPOSITORY, PIPELINE, null, null));
        Sdk wrongKey =
            connect.with(new BasicCredentials().withAk("UNKNOWN0000000000000").withSk(sk).withProjectId(GIVEN));
        call("unknown access key", () -> wrongKey.listPipelineJobs(REPOSITORY, PIPELINE, null, null));

        call("latest jobs", () -> sdk.listLatestPipelineJobs(REPOSITORY, PIPELINE));
        call("latest jobs of an unknown pipeline", () -> sdk.listLatestPipelineJobs(REPOSITORY, UNKNOWN));
        call("repository", () -> sdk.showRepository(REPOSITORY));
        call("an unknown repository", () -> sdk.showRepository(UNKNOWN));
        call("repositories found", () -> sdk.listCurrentUserRepositories("cicd"));
        call("repositories", () -> sdk.listCurrentUserRepositories(null));
        String odd = System.getenv("SPECIAL_CHARACTERS");
        call("repositories found by special characters", () -> sdk.listCurrentUserRepositories(odd));
        call("repositories of the project", () -> sdk.listProjectRepositories(PROJECT));

        call("head pipeline, registered", () -> sdk.showActualHeadPipeline(REPOSITORY, 7));
        call("head pipeline, reported", () -> sdk.showActualHeadPipeline(REPOSITORY, 8));
        call("head pipeline, waiting", () -> sdk.showActualHeadPipeline(REPOSITORY, 9));
        call("unknown merge request", () -> sdk.showActualHeadPipeline(REPOSITORY, UNKNOWN));

        String token = System.getenv("TEMPORARY_SECURITY_TOKEN");
        callWithTemporaryKey("temporary key", connect, token);
        callWithTemporaryKey("temporary key with another's security token", connect, "x" + token);
        callWithTemporaryKey("temporary key without its security token", connect, null);
        for (SigningAlgorithm algorithm : SigningAlgorithm.values()) {
            String name = algorithm.name().replace('_', '-');
            callSignedBy("signed by " + name, connect, algorithm, ak, sk);
            callSignedBy("signed by " + name + " with a wrong secret key", connect, algorithm, ak, "wrong");
        }
    }

    private static void callWithTemporaryKey(String call, Connect connect, String token) {
        BasicCredentials temporary = new BasicCredentials()
            .withAk(System.getenv("TEMPORARY_AK"))
            .withSk(System.getenv("TEMPORARY_SK"))
            .withSecurityToken(token)
            .withProjectId(GIVEN);
        Sdk sdk = connect.with(temporary);
        call(call, () -> sdk.listPipelineJobs(REPOSITORY, PIPELINE, null, null));
    }

    private static void callSignedBy(String call, Connect connect, SigningAlgorithm algorithm, String ak, String sk) {
        Sdk sdk = connect.with(new BasicCredentials().withAk(ak).withSk(sk).withProjectId(GIVEN), algorithm);
        call(call, () -> sdk.listPipelineJobs(REPOSITORY, PIPELINE, null, null));
    }

    private static void call(String call, Supplier<Object> response) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("call", call);
        try {
            result.put("response", response.get());
        } catch (ServiceResponseException e) {
            Map<String, Object> error = new LinkedHashMap<>();
            error.put("exception", e.getClass().getSimpleName());
            error.put("http_status_code", e.getHttpStatusCode());
            error.put("request_id", e.getRequestId());
            error.put("error_code", e.getErrorCode());
            error.put("error_msg", e.getErrorMsg());
            error.put("printed", e.toString());
            result.put("error", error);
        }
        // In ASCII, so that the locale does not matter.
        System.out.println(JsonUtils.toJSON(result));
    }
}
