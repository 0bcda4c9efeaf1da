package stagepost.compat;

/** The parameters of all calls. */
final class CallParameters {
    Integer repositoryId;
    Integer pipelineId;
    Integer mergeRequestIid;
    String projectId;
    Integer offset;
    Integer limit;
    String search;
}
