package main

import (
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/basic"
	v3 "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/codehub/v3"
	modelv3 "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/codehub/v3/model"
	regionv3 "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/codehub/v3/region"
	v4 "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/codehub/v4"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/codehub/v4/model"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/codehub/v4/region"
)

type (
	client                                   = v4.CodeHubClient
	showMergeableStateOuterRequest           = model.ShowMergeableStateOuterRequest
	showMergeRequestDetailRequest            = model.ShowMergeRequestDetailRequest
	listRepositoryMergeRequestsRequest       = model.ListRepositoryMergeRequestsRequest
	listPersonalMergeRequestsRequest         = model.ListPersonalMergeRequestsRequest
	listCommitAssociatedMergeRequestsRequest = model.ListCommitAssociatedMergeRequestsRequest
	listMergeRequestApproverSettingsRequest  = model.ListMergeRequestApproverSettingsRequest
	showCommitRequest                        = model.ShowCommitRequest
	listCommitAssociatedRefsRequest          = model.ListCommitAssociatedRefsRequest
	listBranchesRequest                      = model.ListBranchesRequest
	showBranchRequest                        = model.ShowBranchRequest
	listTagsRequest                          = model.ListTagsRequest
	showTagRequest                           = model.ShowTagRequest
	listRefsListRequest                      = model.ListRefsListRequest
	listMembersRequest                       = model.ListMembersRequest
)

var (
	openedState = model.GetListRepositoryMergeRequestsRequestStateEnum().OPENED
	byUpdate    = model.GetListRepositoryMergeRequestsRequestOrderByEnum().UPDATED_AT
	updatedDesc = model.GetListBranchesRequestSortEnum().UPDATED_DESC
	branchType  = model.GetListRefsListRequestTypeEnum().BRANCH
)

func connect(keys *basic.Credentials) *client {
	builder := v4.CodeHubClientBuilder().WithRegion(region.ValueOf(regionID)).WithCredential(keys)
	return v4.NewCodeHubClient(builder.Build())
}

func repositoryID(keys *basic.Credentials, group, name string) (*modelv3.ShowRepoIdResponse, error) {
	builder := v3.CodeHubClientBuilder().WithRegion(regionv3.ValueOf(regionID)).WithCredential(keys)
	client := v3.NewCodeHubClient(builder.Build())
	return client.ShowRepoId(&modelv3.ShowRepoIdRequest{GroupName: group, RepositoryName: name})
}

// This package has no further calls.
func others(*client) {}
