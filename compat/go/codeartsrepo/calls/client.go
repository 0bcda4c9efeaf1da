package main

import (
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/basic"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/signer/algorithm"
	codeartsrepov3 "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/codeartsrepo/v3"
	modelv3 "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/codeartsrepo/v3/model"
	regionv3 "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/codeartsrepo/v3/region"
	codeartsrepo "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/codeartsrepo/v4"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/codeartsrepo/v4/model"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/codeartsrepo/v4/region"
)

const service = "codeartsrepo"

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

// A body, which the SDK ends with a line feed, and the older shape of errors.
func create(credentials *basic.Credentials, name string) (*modelv3.CreateRepositoryResponse, error) {
	client := codeartsrepov3.NewCodeArtsRepoClient(
		codeartsrepov3.CodeArtsRepoClientBuilder().WithRegion(regionv3.ValueOf(regionID)).WithCredential(credentials).Build())
	description := "<é> \"\\ 任务"
	body := modelv3.CreateRepoRequest{Name: name, ProjectUuid: project, Description: &description}
	return client.CreateRepository(&modelv3.CreateRepositoryRequest{Body: &body})
}
