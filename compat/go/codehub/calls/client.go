package main

import (
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/basic"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/signer/algorithm"
	codehubv3 "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/codehub/v3"
	modelv3 "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/codehub/v3/model"
	regionv3 "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/codehub/v3/region"
	codehub "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/codehub/v4"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/codehub/v4/model"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/codehub/v4/region"
)

const service = "codehub"

type (
	client                             = codehub.CodeHubClient
	listPipelineJobsRequest            = model.ListPipelineJobsRequest
	listLatestPipelineJobsRequest      = model.ListLatestPipelineJobsRequest
	showRepositoryRequest              = model.ShowRepositoryRequest
	listCurrentUserRepositoriesRequest = model.ListCurrentUserRepositoriesRequest
	listProjectRepositoriesRequest     = model.ListProjectRepositoriesRequest
	showActualHeadPipelineRequest      = model.ShowActualHeadPipelineRequest
)

func connect(credentials *basic.Credentials, how algorithm.SigningAlgorithm) *client {
	return codehub.NewCodeHubClient(
		codehub.CodeHubClientBuilder().
			WithRegion(region.ValueOf(regionID)).
			WithCredential(credentials).
			WithHttpConfig(signedBy(how)).
			Build())
}

// A body, which the SDK ends with a line feed, and the older shape of errors.
func create(credentials *basic.Credentials, name string) (*modelv3.CreateRepositoryResponse, error) {
	client := codehubv3.NewCodeHubClient(
		codehubv3.CodeHubClientBuilder().WithRegion(regionv3.ValueOf(regionID)).WithCredential(credentials).Build())
	description := "<é> \"\\ 任务"
	body := modelv3.CreateRepoRequest{Name: name, ProjectUuid: project, Description: &description}
	return client.CreateRepository(&modelv3.CreateRepositoryRequest{Body: &body})
}
