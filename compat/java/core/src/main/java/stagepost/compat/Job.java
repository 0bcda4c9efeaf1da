package stagepost.compat;

import com.fasterxml.jackson.annotation.JsonProperty;

/** JobWithStageDto of the documentation: the core refuses a value of another type. */
public final class Job {
    @JsonProperty("id")
    Integer id;

    @JsonProperty("sha")
    String sha;

    @JsonProperty("ref")
    String ref;

    @JsonProperty("status")
    String status;

    @JsonProperty("name")
    String name;

    @JsonProperty("target_url")
    String targetUrl;

    @JsonProperty("created_at")
    String createdAt;

    @JsonProperty("updated_at")
    String updatedAt;

    @JsonProperty("started_at")
    String startedAt;

    @JsonProperty("finished_at")
    String finishedAt;

    @JsonProperty("third_build_id")
    String thirdBuildId;

    @JsonProperty("stage_id")
    Integer stageId;

    @JsonProperty("stage")
    String stage;
}
