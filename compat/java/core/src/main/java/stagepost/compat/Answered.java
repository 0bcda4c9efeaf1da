package stagepost.compat;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.huaweicloud.sdk.core.SdkResponse;

/** A body as it came. */
public final class Answered extends SdkResponse {
    @JsonProperty
    JsonNode body;
}
