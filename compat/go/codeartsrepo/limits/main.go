// Lists the documented jobs several times in a row, and prints one JSON object a line: the number of jobs, or the error
// of the SDK. The arguments are the number of calls, and how often the SDK tries each of them again.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/basic"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/invoker/retry"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/sdkerr"
	codeartsrepo "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/codeartsrepo/v4"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/codeartsrepo/v4/model"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/codeartsrepo/v4/region"
)

const (
	repository = 2111976239
	pipeline   = 6
	limited    = 429
	// Otherwise the SDK looks the project up, and panics when that is refused.
	givenID = "0123456789abcdef0123456789abcdef"
)

type result struct {
	Jobs    int    `json:"jobs,omitempty"`
	Status  int    `json:"status,omitempty"`
	Code    string `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
}

func main() {
	if len(os.Args) != 3 {
		fail("usage: limits CALLS RETRIES")
	}
	calls, retries := number(os.Args[1]), number(os.Args[2])
	builder := basic.NewCredentialsBuilder().WithAk(os.Getenv("CLOUD_SDK_AK")).WithSk(os.Getenv("CLOUD_SDK_SK"))
	client := codeartsrepo.NewCodeArtsRepoClient(
		codeartsrepo.CodeArtsRepoClientBuilder().
			WithRegion(region.ValueOf("cn-north-4")).
			WithCredential(builder.WithProjectId(givenID).Build()).
			Build())
	for call := 0; call < calls; call++ {
		request := model.ListPipelineJobsRequest{RepositoryId: repository, PipelineId: pipeline}
		invoker := client.ListPipelineJobsInvoker(&request)
		invoker.WithRetry(retries, isLimited, retry.NewExponential())
		say(invoker.Invoke())
	}
}

func isLimited(_ interface{}, err error) bool {
	var refused *sdkerr.ServiceResponseError
	return errors.As(err, &refused) && refused.StatusCode == limited
}

func say(response *model.ListPipelineJobsResponse, err error) {
	var refused *sdkerr.ServiceResponseError
	var shown result
	switch {
	case err == nil:
		shown.Jobs = len(*response.Body)
	case errors.As(err, &refused):
		shown = result{Status: refused.StatusCode, Code: refused.ErrorCode, Message: refused.ErrorMessage}
	default:
		fail(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(shown); err != nil {
		fail(err)
	}
}

func number(word string) int {
	value, err := strconv.Atoi(word)
	if err != nil {
		fail(err)
	}
	return value
}

func fail(why interface{}) {
	fmt.Fprintln(os.Stderr, why)
	os.Exit(2)
}
