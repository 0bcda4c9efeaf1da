package main

import (
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/basic"
	codeartsrepo "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/codeartsrepo/v4"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/codeartsrepo/v4/model"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/codeartsrepo/v4/region"
)

type (
	client                             = codeartsrepo.CodeArtsRepoClient
	listPipelineJobsRequest            = model.ListPipelineJobsRequest
	listLatestPipelineJobsRequest      = model.ListLatestPipelineJobsRequest
	showRepositoryRequest              = model.ShowRepositoryRequest
	listCurrentUserRepositoriesRequest = model.ListCurrentUserRepositoriesRequest
	listProjectRepositoriesRequest     = model.ListProjectRepositoriesRequest
)

func connect(credentials *basic.Credentials) *client {
	return codeartsrepo.NewCodeArtsRepoClient(
		codeartsrepo.CodeArtsRepoClientBuilder().WithRegion(region.ValueOf(regionID)).WithCredential(credentials).Build())
}
