// Notifies as Argo CD does, with its own engine: parses its ConfigMap, which standard input has, and sends what each
// application subscribes to when its trigger fires. Prints one JSON object for each application: how many notifications
// were sent, what they are sent once for, and the engine's error.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/argoproj/notifications-engine/pkg/api"
	"github.com/argoproj/notifications-engine/pkg/services"
	"github.com/argoproj/notifications-engine/pkg/subscriptions"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

type line struct {
	Sent    int    `json:"sent"`
	OncePer string `json:"once_per,omitempty"`
	Error   string `json:"error,omitempty"`
}

func main() {
	text, err := io.ReadAll(os.Stdin)
	check(err)
	var configMap corev1.ConfigMap
	check(yaml.UnmarshalStrict(text, &configMap))
	secret := &corev1.Secret{Data: map[string][]byte{"stagepost-token": []byte(os.Getenv("TOKEN"))}}
	config, err := api.ParseConfig(&configMap, secret)
	check(err)
	// The variables of Argo CD that its settings use.
	variables := func(application map[string]interface{}, _ services.Destination) map[string]interface{} {
		return map[string]interface{}{"app": application}
	}
	engine, err := api.NewAPI(*config, variables)
	check(err)
	var applications []map[string]interface{}
	check(json.Unmarshal([]byte(os.Getenv("APPLICATIONS")), &applications))
	for _, application := range applications {
		check(json.NewEncoder(os.Stdout).Encode(notify(engine, application)))
	}
}

// notify sends what the annotations of the application subscribe to.
func notify(engine api.API, application map[string]interface{}) line {
	var said line
	for trigger, destinations := range subscriptions.NewAnnotations(annotations(application)).GetDestinations(nil, nil) {
		results, err := engine.RunTrigger(trigger, application)
		check(err)
		for _, result := range results {
			if !result.Triggered {
				continue
			}
			said.OncePer = result.OncePer
			for _, destination := range destinations {
				if err := engine.Send(application, result.Templates, destination); err != nil {
					said.Error = err.Error()
					continue
				}
				said.Sent++
			}
		}
	}
	return said
}

func annotations(application map[string]interface{}) map[string]string {
	found := map[string]string{}
	metadata, _ := application["metadata"].(map[string]interface{})
	all, _ := metadata["annotations"].(map[string]interface{})
	for name, value := range all {
		found[name] = fmt.Sprint(value)
	}
	return found
}

func check(problem error) {
	if problem != nil {
		fmt.Fprintln(os.Stderr, problem)
		os.Exit(1)
	}
}
