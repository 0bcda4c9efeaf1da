package stagepost.compat;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.huaweicloud.sdk.core.SdkResponse;
import java.util.List;

/** A page of jobs, and the total. */
public final class JobPage extends SdkResponse {
    @JsonProperty
    List<Job> body;

    @JsonProperty("X-Total")
    String xTotal;
}
