package stagepost.compat;

import com.huaweicloud.sdk.core.auth.BasicCredentials;
import com.huaweicloud.sdk.core.exception.SdkException;
import com.huaweicloud.sdk.core.exception.ServiceResponseException;
import com.huaweicloud.sdk.core.http.HttpConfig;
import com.huaweicloud.sdk.core.invoker.SyncInvoker;
import com.huaweicloud.sdk.core.retry.backoff.SdkBackoffStrategy;
import com.huaweicloud.sdk.core.utils.JsonUtils;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Lists the documented jobs several times in a row, and prints the status of each call. The arguments are the number of
 * calls, and how often the SDK tries each of them again.
 */
public final class Limits {
    private static final int REPOSITORY = 2111976239;
    private static final int PIPELINE = 6;
    private static final int LIMITED = 429;

    private Limits() {
    }

    public static void main(String[] arguments) {
        int calls = Integer.parseInt(arguments[0]);
        int retries = Integer.parseInt(arguments[1]);
        BasicCredentials credentials =
            new BasicCredentials().withAk(System.getenv("CLOUD_SDK_AK")).withSk(System.getenv("CLOUD_SDK_SK"))
                .withProjectId("0123456789abcdef0123456789abcdef");
        CoreSdk sdk = CoreSdk.connect(credentials, HttpConfig.getDefaultHttpConfig());
        for (int call = 0; call < calls; call++) {
            SyncInvoker<CallParameters, JobPage> invoker = sdk.listPipelineJobsInvoker(REPOSITORY, PIPELINE);
            if (retries > 0) {
                SdkBackoffStrategy backoff = SdkBackoffStrategy.getDefaultBackoffStrategy();
                invoker.withRetry(retries, (response, error) -> isLimited(error), backoff);
            }
            System.out.println(JsonUtils.toJSON(result(invoker)));
        }
    }

    private static boolean isLimited(SdkException error) {
        return error instanceof ServiceResponseException
            && ((ServiceResponseException) error).getHttpStatusCode() == LIMITED;
    }

    private static Map<String, Object> result(SyncInvoker<CallParameters, JobPage> invoker) {
        Map<String, Object> result = new LinkedHashMap<>();
        try {
            result.put("jobs", invoker.invoke().body.size());
        } catch (ServiceResponseException e) {
            result.put("status", e.getHttpStatusCode());
            result.put("code", e.getErrorCode());
            result.put("message", e.getErrorMsg());
        }
        return result;
    }
}
