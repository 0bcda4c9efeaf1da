package stagepost.compat;

/** What any of the calls may ask. */
final class Asked {
    Integer repositoryId;
    Integer pipelineId;
    Integer mergeRequestIid;
    String projectId;
    Integer offset;
    Integer limit;
    String search;
}
