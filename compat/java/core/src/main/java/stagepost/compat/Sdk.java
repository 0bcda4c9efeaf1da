package stagepost.compat;

/** The calls of one SDK. A response is an object of that SDK; a missing argument is null. */
public interface Sdk {
    Object listPipelineJobs(int repository, int pipeline, Integer offset, Integer limit);

    Object listLatestPipelineJobs(int repository, int pipeline);

    Object showRepository(int repository);

    Object listCurrentUserRepositories(String search);

    Object listProjectRepositories(String project);

    Object showActualHeadPipeline(int repository, int mergeRequest);
}
