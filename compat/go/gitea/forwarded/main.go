// Reads the statuses of commits with the official Go SDK of Gitea. Prints one JSON object for each commit that the
// arguments name: its statuses by context.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"code.gitea.io/sdk/gitea"
)

type status struct {
	State       gitea.StatusState `json:"state"`
	Description string            `json:"description"`
	TargetURL   string            `json:"target_url"`
}

func main() {
	client, err := gitea.NewClient(os.Getenv("URL"), gitea.SetToken(os.Getenv("TOKEN")))
	if err != nil {
		fail(err)
	}
	for _, sha := range os.Args[1:] {
		combined, _, err := client.GetCombinedStatus(os.Getenv("OWNER"), os.Getenv("REPO"), sha)
		if err != nil {
			fail(err)
		}
		statuses := map[string]status{}
		for _, found := range combined.Statuses {
			statuses[found.Context] = status{found.State, found.Description, found.TargetURL}
		}
		if err := json.NewEncoder(os.Stdout).Encode(statuses); err != nil {
			fail(err)
		}
	}
}

func fail(problem interface{}) {
	fmt.Fprintln(os.Stderr, problem)
	os.Exit(1)
}
