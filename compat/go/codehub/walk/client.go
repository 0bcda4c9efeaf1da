package main

import (
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/basic"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/signer/algorithm"
	codehub "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/codehub/v4"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/codehub/v4/model"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/codehub/v4/region"
)

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
