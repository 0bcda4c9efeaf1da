// Makes the calls around pipelines, and prints one JSON object a line: the call, and its response as the SDK parsed it
// or the SDK's error. Both modules use this file; client.go has the differences.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/basic"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/sdkerr"
)

const (
	repository = 2111970011
	group      = "around"
	name       = "pipelines"
	regionID   = "cn-north-4"
)

func main() {
	keys := basic.NewCredentialsBuilder().WithAk(os.Getenv("CLOUD_SDK_AK")).WithSk(os.Getenv("CLOUD_SDK_SK")).Build()
	client := connect(keys)
	for call, iid := range map[string]int32{"green": 3, "red": 4, "waiting": 5, "unknown": 2147483647} {
		state, err := client.ShowMergeableStateOuter(
			&showMergeableStateOuterRequest{RepositoryId: repository, MergeRequestIid: iid})
		say("mergeable state, "+call, state, err)
	}
	shown, err := client.ShowMergeRequestDetail(
		&showMergeRequestDetailRequest{RepositoryId: repository, MergeRequestIid: 3})
	say("merge request", shown, err)
	source, opened, updated := "fix", openedState, byUpdate
	listed, err := client.ListRepositoryMergeRequests(&listRepositoryMergeRequestsRequest{
		RepositoryId: repository, State: &opened, OrderBy: &updated})
	say("merge requests", listed, err)
	personal, err := client.ListPersonalMergeRequests(&listPersonalMergeRequestsRequest{SourceBranch: &source})
	say("personal merge requests", personal, err)
	a, b := fill('a'), fill('b')
	ofCommit, err := client.ListCommitAssociatedMergeRequests(
		&listCommitAssociatedMergeRequestsRequest{RepositoryId: repository, Sha: b})
	say("merge requests of a commit", ofCommit, err)
	settings, err := client.ListMergeRequestApproverSettings(
		&listMergeRequestApproverSettingsRequest{RepositoryId: repository})
	say("approver settings", settings, err)

	commit, err := client.ShowCommit(&showCommitRequest{RepositoryId: repository, Sha: "fix"})
	say("commit", commit, err)
	commit, err = client.ShowCommit(&showCommitRequest{RepositoryId: repository, Sha: "no-such-branch"})
	say("unknown commit", commit, err)
	refs, err := client.ListCommitAssociatedRefs(&listCommitAssociatedRefsRequest{RepositoryId: repository, Sha: a})
	say("refs of a commit", refs, err)
	branches, err := client.ListBranches(&listBranchesRequest{RepositoryId: repository, Sort: &updatedDesc})
	say("branches", branches, err)
	branch, err := client.ShowBranch(&showBranchRequest{RepositoryId: repository, BranchName: "fix"})
	say("branch", branch, err)
	tags, err := client.ListTags(&listTagsRequest{RepositoryId: repository})
	say("tags", tags, err)
	tag, err := client.ShowTag(&showTagRequest{RepositoryId: repository, TagName: "v1"})
	say("tag", tag, err)
	names, err := client.ListRefsList(&listRefsListRequest{RepositoryId: repository, Type: &branchType})
	say("names of branches", names, err)
	members, err := client.ListMembers(&listMembersRequest{RepositoryId: repository})
	say("members", members, err)
	id, err := repositoryID(keys, group, name)
	say("id", id, err)
	id, err = repositoryID(keys, group, "unknown")
	say("id of an unknown name", id, err)
	others(client)
}

// A commit id of one digit.
func fill(digit byte) string {
	sha := make([]byte, 40)
	for at := range sha {
		sha[at] = digit
	}
	return string(sha)
}

type line struct {
	Call   string                       `json:"call"`
	Answer interface{}                  `json:"response,omitempty"`
	Error  string                       `json:"error,omitempty"`
	Fields *sdkerr.ServiceResponseError `json:"fields,omitempty"`
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
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}
