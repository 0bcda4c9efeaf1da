package stagepost.compat;

import com.fasterxml.jackson.databind.JsonNode;
import com.huaweicloud.sdk.core.ClientBuilder;
import com.huaweicloud.sdk.core.HcClient;
import com.huaweicloud.sdk.core.TypeCasts;
import com.huaweicloud.sdk.core.auth.ICredential;
import com.huaweicloud.sdk.core.http.FieldExistence;
import com.huaweicloud.sdk.core.http.HttpConfig;
import com.huaweicloud.sdk.core.http.HttpMethod;
import com.huaweicloud.sdk.core.http.HttpRequestDef;
import com.huaweicloud.sdk.core.http.LocationType;
import com.huaweicloud.sdk.core.invoker.SyncInvoker;
import com.huaweicloud.sdk.core.region.Region;
import com.huaweicloud.sdk.core.region.RegionProviderChain;
import java.util.List;

/**
 * The calls over the SDK's core alone, which signs, finds the endpoint and the project, and reads headers, bodies and
 * errors for every service's package: it serves where the registry has no such package.
 */
public final class CoreSdk implements Sdk {
    private static final HttpRequestDef<CallParameters, JobPage> LIST_PIPELINE_JOBS = listPipelineJobs();
    private static final HttpRequestDef<CallParameters, JsonResponse> LIST_LATEST_PIPELINE_JOBS =
        get("/v4/repositories/{repository_id}/pipelines/{pipeline_id}/latest-jobs");
    private static final HttpRequestDef<CallParameters, JsonResponse> SHOW_REPOSITORY =
        get("/v4/repositories/{repository_id}");
    private static final HttpRequestDef<CallParameters, JsonResponse> LIST_CURRENT_USER_REPOSITORIES =
        get("/v4/user/repositories");
    private static final HttpRequestDef<CallParameters, JsonResponse> LIST_PROJECT_REPOSITORIES =
        get("/v4/projects/{project_id}/repositories");
    private static final HttpRequestDef<CallParameters, JsonResponse> SHOW_ACTUAL_HEAD_PIPELINE =
        get("/v4/repositories/{repository_id}/merge-requests/{merge_request_iid}/actual-head-pipeline");

    private final HcClient client;

    private CoreSdk(HcClient client) {
        this.client = client;
    }

    public static void main(String[] arguments) {
        Calls.make(CoreSdk::connect, arguments);
    }

    static CoreSdk connect(ICredential credential, HttpConfig config) {
        return new ClientBuilder<>(CoreSdk::new)
            .withCredential(credential)
            .withHttpConfig(config)
            .withRegion(region())
            .build();
    }

    static Region region() {
        String id = System.getenv().getOrDefault("REGION", "cn-north-4");
        return RegionProviderChain.getDefaultRegionProviderChain("CODEHUB").getRegion(id);
    }

    /** A call that can be tried again. */
    SyncInvoker<CallParameters, JobPage> listPipelineJobsInvoker(int repository, int pipeline) {
        CallParameters input = new CallParameters();
        input.repositoryId = repository;
        input.pipelineId = pipeline;
        return new SyncInvoker<>(input, LIST_PIPELINE_JOBS, client);
    }

    @Override
    public Object listPipelineJobs(int repository, int pipeline, Integer offset, Integer limit) {
        CallParameters input = new CallParameters();
        input.repositoryId = repository;
        input.pipelineId = pipeline;
        input.offset = offset;
        input.limit = limit;
        return client.syncInvokeHttp(input, LIST_PIPELINE_JOBS);
    }

    @Override
    public Object listLatestPipelineJobs(int repository, int pipeline) {
        CallParameters input = new CallParameters();
        input.repositoryId = repository;
        input.pipelineId = pipeline;
        return client.syncInvokeHttp(input, LIST_LATEST_PIPELINE_JOBS).body;
    }

    @Override
    public Object showRepository(int repository) {
        CallParameters input = new CallParameters();
        input.repositoryId = repository;
        return client.syncInvokeHttp(input, SHOW_REPOSITORY).body;
    }

    @Override
    public Object listCurrentUserRepositories(String search) {
        CallParameters input = new CallParameters();
        input.search = search;
        return client.syncInvokeHttp(input, LIST_CURRENT_USER_REPOSITORIES);
    }

    @Override
    public Object listProjectRepositories(String project) {
        CallParameters input = new CallParameters();
        input.projectId = project;
        return client.syncInvokeHttp(input, LIST_PROJECT_REPOSITORIES);
    }

    @Override
    public Object showActualHeadPipeline(int repository, int mergeRequest) {
        CallParameters input = new CallParameters();
        input.repositoryId = repository;
        input.mergeRequestIid = mergeRequest;
        return client.syncInvokeHttp(input, SHOW_ACTUAL_HEAD_PIPELINE).body;
    }

    private static HttpRequestDef<CallParameters, JobPage> listPipelineJobs() {
        HttpRequestDef.Builder<CallParameters, JobPage> call =
            ask("/v4/repositories/{repository_id}/pipelines/{pipeline_id}/jobs", JobPage.class);
        call.<List<Job>>withResponseField("body", LocationType.Body, FieldExistence.NULL_IGNORE,
            TypeCasts.uncheckedConversion(List.class),
            f -> f.withMarshaller(page -> page.body, (page, body) -> page.body = body)
                .withInnerContainerType(Job.class));
        // The core looks this name up case-sensitively.
        call.<String>withResponseField("X-Total", LocationType.Header, FieldExistence.NULL_IGNORE, String.class,
            f -> f.withMarshaller(page -> page.xTotal, (page, total) -> page.xTotal = total));
        return call.build();
    }

    private static HttpRequestDef<CallParameters, JsonResponse> get(String path) {
        HttpRequestDef.Builder<CallParameters, JsonResponse> call = ask(path, JsonResponse.class);
        call.<JsonNode>withResponseField("body", LocationType.Body, FieldExistence.NULL_IGNORE, JsonNode.class,
            f -> f.withMarshaller(response -> response.body, (response, body) -> response.body = body));
        return call.build();
    }

    private static <T> HttpRequestDef.Builder<CallParameters, T> ask(String path, Class<T> response) {
        HttpRequestDef.Builder<CallParameters, T> call =
            HttpRequestDef.builder(HttpMethod.GET, CallParameters.class, response)
            .withUri(path)
            .withContentType("application/json");
        call.<Integer>withRequestField("repository_id", LocationType.Path, FieldExistence.NULL_IGNORE, Integer.class,
            f -> f.withMarshaller(input -> input.repositoryId, (input, id) -> input.repositoryId = id));
        call.<Integer>withRequestField("pipeline_id", LocationType.Path, FieldExistence.NULL_IGNORE, Integer.class,
            f -> f.withMarshaller(input -> input.pipelineId, (input, id) -> input.pipelineId = id));
        call.<Integer>withRequestField("merge_request_iid", LocationType.Path, FieldExistence.NULL_IGNORE,
            Integer.class,
            f -> f.withMarshaller(input -> input.mergeRequestIid, (input, iid) -> input.mergeRequestIid = iid));
        call.<String>withRequestField("project_id", LocationType.Path, FieldExistence.NULL_IGNORE, String.class,
            f -> f.withMarshaller(input -> input.projectId, (input, id) -> input.projectId = id));
        call.<Integer>withRequestField("offset", LocationType.Query, FieldExistence.NULL_IGNORE, Integer.class,
            f -> f.withMarshaller(input -> input.offset, (input, offset) -> input.offset = offset));
        call.<Integer>withRequestField("limit", LocationType.Query, FieldExistence.NULL_IGNORE, Integer.class,
            f -> f.withMarshaller(input -> input.limit, (input, limit) -> input.limit = limit));
        call.<String>withRequestField("search", LocationType.Query, FieldExistence.NULL_IGNORE, String.class,
            f -> f.withMarshaller(input -> input.search, (input, search) -> input.search = search));
        return call;
    }
}
