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
import com.huaweicloud.sdk.core.region.Region;
import com.huaweicloud.sdk.core.region.RegionProviderChain;
import java.util.List;

/**
 * The calls over the SDK's core alone, which signs, finds the endpoint and the project, and reads headers, bodies and
 * errors for every service's package: it serves where the registry has no such package.
 */
public final class Walk implements Sdk {
    private static final HttpRequestDef<Asked, JobPage> LIST_PIPELINE_JOBS = listPipelineJobs();
    private static final HttpRequestDef<Asked, Answered> LIST_LATEST_PIPELINE_JOBS =
        get("/v4/repositories/{repository_id}/pipelines/{pipeline_id}/latest-jobs");
    private static final HttpRequestDef<Asked, Answered> SHOW_REPOSITORY = get("/v4/repositories/{repository_id}");
    private static final HttpRequestDef<Asked, Answered> LIST_CURRENT_USER_REPOSITORIES = get("/v4/user/repositories");
    private static final HttpRequestDef<Asked, Answered> LIST_PROJECT_REPOSITORIES =
        get("/v4/projects/{project_id}/repositories");
    private static final HttpRequestDef<Asked, Answered> SHOW_ACTUAL_HEAD_PIPELINE =
        get("/v4/repositories/{repository_id}/merge-requests/{merge_request_iid}/actual-head-pipeline");

    private final HcClient client;

    private Walk(HcClient client) {
        this.client = client;
    }

    public static void main(String[] arguments) {
        Calls.make(Walk::connect, arguments);
    }

    private static Walk connect(ICredential credential, HttpConfig config) {
        return new ClientBuilder<>(Walk::new)
            .withCredential(credential)
            .withHttpConfig(config)
            .withRegion(region())
            .build();
    }

    static Region region() {
        String id = System.getenv().getOrDefault("REGION", "cn-north-4");
        return RegionProviderChain.getDefaultRegionProviderChain("CODEHUB").getRegion(id);
    }

    @Override
    public Object listPipelineJobs(int repository, int pipeline, Integer offset, Integer limit) {
        Asked asked = new Asked();
        asked.repositoryId = repository;
        asked.pipelineId = pipeline;
        asked.offset = offset;
        asked.limit = limit;
        return client.syncInvokeHttp(asked, LIST_PIPELINE_JOBS);
    }

    @Override
    public Object listLatestPipelineJobs(int repository, int pipeline) {
        Asked asked = new Asked();
        asked.repositoryId = repository;
        asked.pipelineId = pipeline;
        return client.syncInvokeHttp(asked, LIST_LATEST_PIPELINE_JOBS).body;
    }

    @Override
    public Object showRepository(int repository) {
        Asked asked = new Asked();
        asked.repositoryId = repository;
        return client.syncInvokeHttp(asked, SHOW_REPOSITORY).body;
    }

    @Override
    public Object listCurrentUserRepositories(String search) {
        Asked asked = new Asked();
        asked.search = search;
        return client.syncInvokeHttp(asked, LIST_CURRENT_USER_REPOSITORIES);
    }

    @Override
    public Object listProjectRepositories(String project) {
        Asked asked = new Asked();
        asked.projectId = project;
        return client.syncInvokeHttp(asked, LIST_PROJECT_REPOSITORIES);
    }

    @Override
    public Object showActualHeadPipeline(int repository, int mergeRequest) {
        Asked asked = new Asked();
        asked.repositoryId = repository;
        asked.mergeRequestIid = mergeRequest;
        return client.syncInvokeHttp(asked, SHOW_ACTUAL_HEAD_PIPELINE).body;
    }

    private static HttpRequestDef<Asked, JobPage> listPipelineJobs() {
        HttpRequestDef.Builder<Asked, JobPage> call =
            ask("/v4/repositories/{repository_id}/pipelines/{pipeline_id}/jobs", JobPage.class);
        call.<List<Job>>withResponseField("body", LocationType.Body, FieldExistence.NULL_IGNORE,
            TypeCasts.uncheckedConversion(List.class),
            f -> f.withMarshaller(page -> page.body, (page, body) -> page.body = body)
                .withInnerContainerType(Job.class));
        // The core looks this name up as it is spelled here.
        call.<String>withResponseField("X-Total", LocationType.Header, FieldExistence.NULL_IGNORE, String.class,
            f -> f.withMarshaller(page -> page.xTotal, (page, total) -> page.xTotal = total));
        return call.build();
    }

    private static HttpRequestDef<Asked, Answered> get(String path) {
        HttpRequestDef.Builder<Asked, Answered> call = ask(path, Answered.class);
        call.<JsonNode>withResponseField("body", LocationType.Body, FieldExistence.NULL_IGNORE, JsonNode.class,
            f -> f.withMarshaller(answer -> answer.body, (answer, body) -> answer.body = body));
        return call.build();
    }

    private static <T> HttpRequestDef.Builder<Asked, T> ask(String path, Class<T> answer) {
        HttpRequestDef.Builder<Asked, T> call = HttpRequestDef.builder(HttpMethod.GET, Asked.class, answer)
            .withUri(path)
            .withContentType("application/json");
        call.<Integer>withRequestField("repository_id", LocationType.Path, FieldExistence.NULL_IGNORE, Integer.class,
            f -> f.withMarshaller(asked -> asked.repositoryId, (asked, id) -> asked.repositoryId = id));
        call.<Integer>withRequestField("pipeline_id", LocationType.Path, FieldExistence.NULL_IGNORE, Integer.class,
            f -> f.withMarshaller(asked -> asked.pipelineId, (asked, id) -> asked.pipelineId = id));
        call.<Integer>withRequestField("merge_request_iid", LocationType.Path, FieldExistence.NULL_IGNORE,
            Integer.class,
            f -> f.withMarshaller(asked -> asked.mergeRequestIid, (asked, iid) -> asked.mergeRequestIid = iid));
        call.<String>withRequestField("project_id", LocationType.Path, FieldExistence.NULL_IGNORE, String.class,
            f -> f.withMarshaller(asked -> asked.projectId, (asked, id) -> asked.projectId = id));
        call.<Integer>withRequestField("offset", LocationType.Query, FieldExistence.NULL_IGNORE, Integer.class,
            f -> f.withMarshaller(asked -> asked.offset, (asked, offset) -> asked.offset = offset));
        call.<Integer>withRequestField("limit", LocationType.Query, FieldExistence.NULL_IGNORE, Integer.class,
            f -> f.withMarshaller(asked -> asked.limit, (asked, limit) -> asked.limit = limit));
        call.<String>withRequestField("search", LocationType.Query, FieldExistence.NULL_IGNORE, String.class,
            f -> f.withMarshaller(asked -> asked.search, (asked, search) -> asked.search = search));
        return call;
    }
}
