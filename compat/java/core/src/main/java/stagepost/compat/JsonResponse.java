package stagepost.compat;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.huaweicloud.sdk.core.SdkResponse;

/** A response body as JSON. */
public final class JsonResponse extends SdkResponse {
    @JsonProperty
    JsonNode body;
}
