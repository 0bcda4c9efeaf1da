package stagepost.compat;

import com.huaweicloud.sdk.codeartsrepo.v4.CodeArtsRepoClient;
import com.huaweicloud.sdk.codeartsrepo.v4.model.ListCurrentUserRepositoriesRequest;
import com.huaweicloud.sdk.codeartsrepo.v4.model.ListLatestPipelineJobsRequest;
import com.huaweicloud.sdk.codeartsrepo.v4.model.ListPipelineJobsRequest;
import com.huaweicloud.sdk.codeartsrepo.v4.model.ListProjectRepositoriesRequest;
import com.huaweicloud.sdk.codeartsrepo.v4.model.ShowActualHeadPipelineRequest;
import com.huaweicloud.sdk.codeartsrepo.v4.model.ShowRepositoryRequest;
import com.huaweicloud.sdk.codeartsrepo.v4.region.CodeArtsRepoRegion;
import com.huaweicloud.sdk.core.auth.ICredential;
import com.huaweicloud.sdk.core.http.HttpConfig;

/** The calls over the service's package. */
public final class CodeArtsRepoSdk implements Sdk {
    private final CodeArtsRepoClient client;

    private CodeArtsRepoSdk(ICredential credential, HttpConfig config) {
        client = CodeArtsRepoClient.newBuilder()
            .withCredential(credential)
            .withHttpConfig(config)
            .withRegion(CodeArtsRepoRegion.valueOf("cn-north-4"))
            .build();
    }

    public static void main(String[] arguments) {
        Calls.make(CodeArtsRepoSdk::new, arguments);
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
