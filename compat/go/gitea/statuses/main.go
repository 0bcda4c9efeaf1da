// Reports and reads the statuses of commits with the official Go SDK of Gitea. Prints one JSON object a line: the
// call, and its result or the SDK's error.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"sync"

	"code.gitea.io/sdk/gitea"
)

var (
	base, token, owner, repo = os.Getenv("URL"), os.Getenv("TOKEN"), os.Getenv("OWNER"), os.Getenv("REPO")
	one, many, race          = os.Getenv("SHA_ONE"), os.Getenv("SHA_MANY"), os.Getenv("SHA_RACE")
	description              = "构建 100%"
)

type line struct {
	Call   string      `json:"call"`
	Result interface{} `json:"result,omitempty"`
	Error  string      `json:"error,omitempty"`
	Status int         `json:"status,omitempty"`
}

type status struct {
	ID          int64             `json:"id"`
	State       gitea.StatusState `json:"state"`
	Context     string            `json:"context"`
	TargetURL   string            `json:"target_url"`
	Description string            `json:"description"`
}

type commit struct {
	State gitea.StatusState `json:"state"`
	Total int               `json:"total"`
}

func main() {
	client := connect(token)
	repository, response, err := client.GetRepo(owner, repo)
	say("repository", repository.FullName, response, err)
	for _, step := range []struct {
		state gitea.StatusState
		build int
	}{{gitea.StatusPending, 1}, {gitea.StatusFailure, 1}, {gitea.StatusPending, 2}, {gitea.StatusSuccess, 2}} {
		option := gitea.CreateStatusOption{
			State:       step.state,
			Context:     "ci/build",
			TargetURL:   fmt.Sprint(os.Getenv("LINK"), step.build),
			Description: description,
		}
		call := fmt.Sprintf("%s %d", step.state, step.build)
		report(call, client, repo, option)
		show("commit after "+call, client, one)
	}
	listed := [][]interface{}{}
	for _, found := range every(client, one, 100) {
		listed = append(listed, []interface{}{found.ID, found.State})
	}
	say("listed", listed, nil, nil)
	for number := 0; number < count("MANY"); number++ {
		option := gitea.CreateStatusOption{State: gitea.StatusSuccess, Context: fmt.Sprintf("job %d", number)}
		if _, _, err := client.CreateStatus(owner, repo, many, option); err != nil {
			fail(err)
		}
	}
	contexts := []string{}
	for _, found := range every(client, many, 50) {
		contexts = append(contexts, found.Context)
	}
	say("all pages", contexts, nil, nil)
	show("commit of many", client, many)
	say("race", racing(client), nil, nil)
	show("branch", client, os.Getenv("BRANCH"))
	refused := gitea.CreateStatusOption{State: gitea.StatusSuccess, Context: "refused"}
	report("wrong token", connect("wrong"), repo, refused)
	report("unknown repository", client, "absent", refused)
	refused.State = "bogus"
	report("unknown state", client, repo, refused)
}

// connect reads the version of the server, as the SDK does.
func connect(token string) *gitea.Client {
	client, err := gitea.NewClient(base, gitea.SetToken(token))
	if err != nil {
		fail(err)
	}
	return client
}

func report(call string, client *gitea.Client, repo string, option gitea.CreateStatusOption) {
	made, response, err := client.CreateStatus(owner, repo, one, option)
	if err != nil {
		say(call, nil, response, err)
		return
	}
	say(call, status{made.ID, made.State, made.Context, made.TargetURL, made.Description}, response, nil)
}

func show(call string, client *gitea.Client, ref string) {
	combined, response, err := client.GetCombinedStatus(owner, repo, ref)
	say(call, commit{combined.State, combined.TotalCount}, response, err)
}

// every follows the links to the next pages.
func every(client *gitea.Client, ref string, size int) []*gitea.Status {
	var all []*gitea.Status
	for page := 1; page != 0; {
		options := gitea.ListStatusesOption{ListOptions: gitea.ListOptions{Page: page, PageSize: size}}
		found, response, err := client.ListStatuses(owner, repo, ref, options)
		if err != nil {
			fail(err)
		}
		all, page = append(all, found...), response.NextPage
	}
	return all
}

// racing reports repeatedly and in any order, and returns the ids that the reports got.
func racing(client *gitea.Client) []int64 {
	ids := make([]int64, count("RACING"))
	var all sync.WaitGroup
	for number := range ids {
		all.Add(1)
		go func(number int) {
			defer all.Done()
			option := gitea.CreateStatusOption{
				State:     gitea.StatusPending,
				Context:   "race",
				TargetURL: os.Getenv("LINK") + "race",
			}
			if number%2 == 1 {
				option.State = gitea.StatusSuccess
			}
			made, _, err := client.CreateStatus(owner, repo, race, option)
			if err != nil {
				fail(err)
			}
			ids[number] = made.ID
		}(number)
	}
	all.Wait()
	return ids
}

func say(call string, result interface{}, response *gitea.Response, err error) {
	said := line{Call: call, Result: result}
	if err != nil {
		said.Result, said.Error = nil, err.Error()
		if response != nil && response.Response != nil {
			said.Status = response.StatusCode
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(said); err != nil {
		fail(err)
	}
}

func count(name string) int {
	number, err := strconv.Atoi(os.Getenv(name))
	if err != nil {
		fail(err)
	}
	return number
}

func fail(problem interface{}) {
	fmt.Fprintln(os.Stderr, problem)
	os.Exit(1)
}
