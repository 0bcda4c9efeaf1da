// Makes calls that the sample does not make, and prints one JSON object a line: the call, and its response or the
// SDK's error. Both modules use this file; client.go has the differences.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/basic"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/signer/algorithm"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/config"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/sdkerr"
)

const (
	repository = 2111976239
	pipeline   = 6
	unknown    = 2147483647
	project    = "72271b5446614062a01b8be944c9f372"
	pageSize   = 50
	givenID    = "0123456789abcdef0123456789abcdef"
)

var regionID = os.Getenv("REGION")

type line struct {
	Call   string      `json:"call"`
	Answer interface{} `json:"response,omitempty"`
	// As fmt prints it, and its fields.
	Error  string                       `json:"error,omitempty"`
	Fields *sdkerr.ServiceResponseError `json:"fields,omitempty"`
}

func main() {
	ak, sk := os.Getenv("CLOUD_SDK_AK"), os.Getenv("CLOUD_SDK_SK")
	if regionID == "" {
		regionID = "cn-north-4"
	}
	right := connect(credentials(ak, sk, ""), algorithm.HmacSHA256)
	listJobs("documented", right, repository, pipeline, listPipelineJobsRequest{})
	if len(os.Args) == 1 {
		return
	}
	if len(os.Args) != 3 {
		fail("usage: calls [PIPELINE JOBS], a pipeline with so many jobs")
	}
	long, jobs := number(os.Args[1]), number(os.Args[2])
	// With the project: otherwise the SDK would look it up first, and panic when that is refused.
	wrongKey := connect(credentials("UNKNOWN0000000000000", sk, givenID), algorithm.HmacSHA256)
	wrongSecret := connect(credentials(ak, "wrong", givenID), algorithm.HmacSHA256)

	for offset := int32(0); offset < jobs; offset += pageSize {
		listJobs(fmt.Sprintf("page at %d", offset), right, repository, long, page(offset, pageSize))
	}
	listJobs("page of one", right, repository, long, page(0, 1))
	listJobs("largest page", right, repository, long, page(0, 100))
	listJobs("default page", right, repository, long, listPipelineJobsRequest{})
	listJobs("page after the last", right, repository, long, page(jobs, pageSize))
	listJobs("empty page", right, repository, pipeline, page(1, 20))

	listJobs("limit 0", right, repository, pipeline, page(0, 0))
	listJobs("limit 101", right, repository, pipeline, page(0, 101))
	listJobs("limit -1", right, repository, pipeline, page(0, -1))
	listJobs("offset -1", right, repository, pipeline, page(-1, 20))
	listJobs("wrong secret key", wrongSecret, repository, pipeline, listPipelineJobsRequest{})
	listJobs("unknown access key", wrongKey, repository, pipeline, listPipelineJobsRequest{})
	listJobs("unknown repository", right, unknown, pipeline, listPipelineJobsRequest{})
	listJobs("unknown pipeline", right, repository, unknown, listPipelineJobsRequest{})

	latest, err := right.ListLatestPipelineJobs(&listLatestPipelineJobsRequest{RepositoryId: repository, PipelineId: pipeline})
	say("latest jobs", latest, err)
	latest, err = right.ListLatestPipelineJobs(&listLatestPipelineJobsRequest{RepositoryId: repository, PipelineId: unknown})
	say("latest jobs of an unknown pipeline", latest, err)

	shown, err := right.ShowRepository(&showRepositoryRequest{RepositoryId: repository})
	say("repository", shown, err)
	shown, err = right.ShowRepository(&showRepositoryRequest{RepositoryId: unknown})
	say("an unknown repository", shown, err)
	search := "cicd"
	listed, err := right.ListCurrentUserRepositories(&listCurrentUserRepositoriesRequest{Search: &search})
	say("repositories found", listed, err)
	listed, err = right.ListCurrentUserRepositories(&listCurrentUserRepositoriesRequest{})
	say("repositories", listed, err)
	odd := os.Getenv("SPECIAL_CHARACTERS")
	listed, err = right.ListCurrentUserRepositories(&listCurrentUserRepositoriesRequest{Search: &odd})
	say("repositories found by special characters", listed, err)
	ofProject, err := right.ListProjectRepositories(&listProjectRepositoriesRequest{ProjectId: project})
	say("repositories of the project", ofProject, err)

	showHead("head pipeline, registered", right, 7)
	showHead("head pipeline, reported", right, 8)
	showHead("head pipeline, waiting", right, 9)
	showHead("unknown merge request", right, unknown)
	signOtherwise(ak, sk)

	made, err := create(credentials(ak, sk, ""), "made-by-"+service)
	say("repository made", made, err)
	made, err = create(credentials(ak, sk, ""), "made by "+service)
	say("repository with spaces in its name", made, err)
}

// Calls with a temporary key, and with each signing algorithm of the SDK.
func signOtherwise(ak, sk string) {
	token := os.Getenv("TEMPORARY_SECURITY_TOKEN")
	for call, token := range map[string]string{
		"temporary key": token,
		"temporary key with another's security token": "x" + token,
		"temporary key without its security token":    "",
	} {
		builder := basic.NewCredentialsBuilder().WithAk(os.Getenv("TEMPORARY_AK")).WithSk(os.Getenv("TEMPORARY_SK"))
		credentials := builder.WithSecurityToken(token).WithProjectId(givenID).Build()
		listJobs(call, connect(credentials, algorithm.HmacSHA256), repository, pipeline, listPipelineJobsRequest{})
	}
	for name, how := range map[string]algorithm.SigningAlgorithm{
		"HMAC-SM3":          algorithm.HmacSM3,
		"ECDSA-P256-SHA256": algorithm.EcdsaP256SHA256,
		"SM2-SM3":           algorithm.SM2SM3,
	} {
		listJobs("signed by "+name, connect(credentials(ak, sk, ""), how), repository, pipeline, listPipelineJobsRequest{})
	}
	wrong := connect(credentials(ak, "wrong", givenID), algorithm.HmacSM3)
	listJobs("signed by HMAC-SM3 with a wrong secret key", wrong, repository, pipeline, listPipelineJobsRequest{})
}

func showHead(call string, client *client, iid int32) {
	request := showActualHeadPipelineRequest{RepositoryId: repository, MergeRequestIid: iid}
	shown, err := client.ShowActualHeadPipeline(&request)
	say(call, shown, err)
}

func signedBy(how algorithm.SigningAlgorithm) *config.HttpConfig {
	return config.DefaultHttpConfig().WithSigningAlgorithm(how)
}

func credentials(ak, sk, projectID string) *basic.Credentials {
	builder := basic.NewCredentialsBuilder().WithAk(ak).WithSk(sk)
	if projectID != "" {
		builder = builder.WithProjectId(projectID)
	}
	return builder.Build()
}

func page(offset, limit int32) listPipelineJobsRequest {
	return listPipelineJobsRequest{Offset: &offset, Limit: &limit}
}

func listJobs(call string, client *client, repository, pipeline int32, request listPipelineJobsRequest) {
	request.RepositoryId, request.PipelineId = repository, pipeline
	response, err := client.ListPipelineJobs(&request)
	say(call, response, err)
}

func say(call string, response interface{}, err error) {
	result := line{Call: call}
	if err == nil {
		result.Answer = response
	} else {
		result.Error = err.Error()
		errors.As(err, &result.Fields)
	}
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		fail(err)
	}
}

func number(word string) int32 {
	value, err := strconv.ParseInt(word, 10, 32)
	if err != nil {
		fail(err)
	}
	return int32(value)
}

func fail(why interface{}) {
	fmt.Fprintln(os.Stderr, why)
	os.Exit(2)
}
