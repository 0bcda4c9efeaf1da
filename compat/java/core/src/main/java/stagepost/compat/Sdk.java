package stagepost.compat;

/** The calls of one SDK. An answer is that SDK's own object; a missing argument is null. */
public interface Sdk {
    Object listPipelineJobs(int repository, int pipeline, Integer offset, Integer limit);

    Object listLatestPipelineJobs(int repository, int pipeline);

    Object showRepository(int repository);

    Object listCurrentUserRepositories(String search);

    Object listProjectRepositories(String project);

    Object showActualHeadPipeline(int repository, int mergeRequest);
}
