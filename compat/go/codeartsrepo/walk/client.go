package main

import (
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/basic"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/signer/algorithm"
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
	showActualHeadPipelineRequest      = model.ShowActualHeadPipelineRequest
)

func connect(credentials *basic.Credentials, how algorithm.SigningAlgorithm) *client {
	return codeartsrepo.NewCodeArtsRepoClient(
		codeartsrepo.CodeArtsRepoClientBuilder().
			WithRegion(region.ValueOf(regionID)).
			WithCredential(credentials).
			WithHttpConfig(signedBy(how)).
			Build())
}
