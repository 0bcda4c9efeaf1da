package stagepost.compat;

import com.huaweicloud.sdk.codehub.v4.CodeHubClient;
import com.huaweicloud.sdk.codehub.v4.model.ListCurrentUserRepositoriesRequest;
import com.huaweicloud.sdk.codehub.v4.model.ListLatestPipelineJobsRequest;
import com.huaweicloud.sdk.codehub.v4.model.ListPipelineJobsRequest;
import com.huaweicloud.sdk.codehub.v4.model.ListProjectRepositoriesRequest;
import com.huaweicloud.sdk.codehub.v4.model.ShowActualHeadPipelineRequest;
import com.huaweicloud.sdk.codehub.v4.model.ShowRepositoryRequest;
import com.huaweicloud.sdk.codehub.v4.region.CodeHubRegion;
import com.huaweicloud.sdk.core.auth.ICredential;
import com.huaweicloud.sdk.core.http.HttpConfig;

/** The calls over the service's package. */
public final class CodeHubSdk implements Sdk {
    private final CodeHubClient client;

    private CodeHubSdk(ICredential credential, HttpConfig config) {
        client = CodeHubClient.newBuilder()
            .withCredential(credential)
            .withHttpConfig(config)
            .withRegion(CodeHubRegion.valueOf("cn-north-4"))
            .build();
    }

    public static void main(String[] arguments) {
        Calls.make(CodeHubSdk::new, arguments);
    }

    @Override
    public Object listPipelineJobs(int repository, int pipeline, Integer offset, Integer limit) {
        return client.listPipelineJobs(new ListPipelineJobsRequest()
            .withRepositoryId(repository)
            .withPipelineId(pipeline)
            .withOffset(offset)
            .withLimit(limit));
    }

    @Override
    public Object listLatestPipelineJobs(int repository, int pipeline) {
        return client.listLatestPipelineJobs(
            new ListLatestPipelineJobsRequest().withRepositoryId(repository).withPipelineId(pipeline));
    }

    @Override
    public Object showRepository(int repository) {
        return client.showRepository(new ShowRepositoryRequest().withRepositoryId(repository));
    }

    @Override
    public Object listCurrentUserRepositories(String search) {
        return client.listCurrentUserRepositories(new ListCurrentUserRepositoriesRequest().withSearch(search));
    }

    @Override
    public Object listProjectRepositories(String project) {
        return client.listProjectRepositories(new ListProjectRepositoriesRequest().withProjectId(project));
    }

    @Override
    public Object showActualHeadPipeline(int repository, int mergeRequest) {
        return client.showActualHeadPipeline(
            new ShowActualHeadPipelineRequest().withRepositoryId(repository).withMergeRequestIid(mergeRequest));
    }
}
