package stagepost.compat;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.huaweicloud.sdk.core.ClientBuilder;
import com.huaweicloud.sdk.core.HcClient;
import com.huaweicloud.sdk.core.auth.BasicCredentials;
import com.huaweicloud.sdk.core.http.FieldExistence;
import com.huaweicloud.sdk.core.http.HttpMethod;
import com.huaweicloud.sdk.core.http.HttpRequestDef;
import com.huaweicloud.sdk.core.http.LocationType;

/** CreateRepository over the SDK's core: a call with a body, which is signed. The argument is the repository's name. */
public final class CreateRepository {
    private CreateRepository() {
    }

    /** The body. */
    public static final class Repository {
        @JsonProperty("name")
        String name;

        @JsonProperty("project_uuid")
        String projectUuid = "72271b5446614062a01b8be944c9f372";

        @JsonProperty("description")
        String description = "<é> \"\\ 任务";
    }

    public static void main(String[] arguments) {
        BasicCredentials credentials =
            new BasicCredentials().withAk(System.getenv("CLOUD_SDK_AK")).withSk(System.getenv("CLOUD_SDK_SK"));
        HcClient client = new ClientBuilder<>(created -> created)
            .withCredential(credentials)
            .withRegion(CoreSdk.region())
            .build();
        Repository repository = new Repository();
        repository.name = arguments[0];
        System.out.println(client.syncInvokeHttp(repository, createRepository()).body);
    }

    private static HttpRequestDef<Repository, JsonResponse> createRepository() {
        HttpRequestDef.Builder<Repository, JsonResponse> call =
            HttpRequestDef.builder(HttpMethod.POST, Repository.class, JsonResponse.class)
                .withUri("/v1/repositories")
                .withContentType("application/json");
        call.<Repository>withRequestField("body", LocationType.Body, FieldExistence.NON_NULL_NON_EMPTY,
            Repository.class, f -> f.withMarshaller(body -> body, (body, same) -> { }));
        call.<JsonNode>withResponseField("body", LocationType.Body, FieldExistence.NULL_IGNORE, JsonNode.class,
            f -> f.withMarshaller(response -> response.body, (response, body) -> response.body = body));
        return call.build();
    }
}
