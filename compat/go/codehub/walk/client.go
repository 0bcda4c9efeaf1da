package main

import (
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/basic"
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
)

func connect(credentials *basic.Credentials) *client {
	return codehub.NewCodeHubClient(
		codehub.CodeHubClientBuilder().WithRegion(region.ValueOf(regionID)).WithCredential(credentials).Build())
}
