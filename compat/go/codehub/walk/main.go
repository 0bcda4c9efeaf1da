// What a user of the SDK meets beyond the sample, as one JSON object a line: the call, and its answer or its error in the
// SDK's own words. The same file serves both modules; client.go holds what differs.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/basic"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/sdkerr"
)

const (
	regionID   = "cn-north-4"
	repository = 2111976239
	pipeline   = 6
	unknown    = 2147483647
	project    = "72271b5446614062a01b8be944c9f372"
	pageSize   = 50
)

type line struct {
	Call   string      `json:"call"`
	Answer interface{} `json:"answer,omitempty"`
	// As fmt prints it, and the fields that a program reads.
	Error  string                       `json:"error,omitempty"`
	Fields *sdkerr.ServiceResponseError `json:"fields,omitempty"`
}

func main() {
	if len(os.Args) != 3 {
		fail("usage: walk PIPELINE JOBS, a pipeline with so many jobs")
	}
	long, jobs := number(os.Args[1]), number(os.Args[2])
	ak, sk := os.Getenv("CLOUD_SDK_AK"), os.Getenv("CLOUD_SDK_SK")
	// The project is given: the SDK would look it up first and panic when it may not.
	wrongKey := connect(credentials("UNKNOWN0000000000000", sk, "0123456789abcdef0123456789abcdef"))
	wrongSecret := connect(credentials(ak, "wrong", "0123456789abcdef0123456789abcdef"))
	right := connect(credentials(ak, sk, ""))

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
	ofProject, err := right.ListProjectRepositories(&listProjectRepositoriesRequest{ProjectId: project})
	say("repositories of the project", ofProject, err)
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

func say(call string, answer interface{}, err error) {
	said := line{Call: call}
	if err == nil {
		said.Answer = answer
	} else {
		said.Error = err.Error()
		errors.As(err, &said.Fields)
	}
	if err := json.NewEncoder(os.Stdout).Encode(said); err != nil {
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
