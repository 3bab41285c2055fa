// Asks as the Terraform provider's RpcPost does: the same library, RPC style, a form in the body.
package main

import (
	"encoding/json"
	"errors"
	"os"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	util "github.com/alibabacloud-go/tea-utils/v2/service"
	"github.com/alibabacloud-go/tea/tea"
)

type call struct {
	Action, Version string
	Query, Form     map[string]interface{}
}

type answer struct {
	Body   interface{} `json:"body"`
	Code   string      `json:"code"`
	Status int         `json:"status"`
}

func main() {
	var given struct {
		Endpoint, Id, Secret, Region, Token string
		Calls                               []call
	}
	must(json.NewDecoder(os.Stdin).Decode(&given))
	config := &openapi.Config{
		AccessKeyId:     tea.String(given.Id),
		AccessKeySecret: tea.String(given.Secret),
		Endpoint:        tea.String(given.Endpoint),
		RegionId:        tea.String(given.Region),
		Protocol:        tea.String("HTTP"),
	}
	if given.Token != "" {
		config.SecurityToken = tea.String(given.Token)
	}
	client, problem := openapi.NewClient(config)
	must(problem)
	answers := []answer{}
	for _, one := range given.Calls {
		params := &openapi.Params{
			Action:      tea.String(one.Action),
			Version:     tea.String(one.Version),
			Protocol:    tea.String("HTTP"),
			Pathname:    tea.String("/"),
			Method:      tea.String("POST"),
			AuthType:    tea.String("AK"),
			Style:       tea.String("RPC"),
			ReqBodyType: tea.String("formData"),
			BodyType:    tea.String("json"),
		}
		request := &openapi.OpenApiRequest{Query: texts(one.Query), Body: one.Form}
		found, problem := client.CallApi(params, request, &util.RuntimeOptions{})
		var refusal *tea.SDKError
		switch {
		case errors.As(problem, &refusal):
			answers = append(answers, answer{Code: tea.StringValue(refusal.Code), Status: tea.IntValue(refusal.StatusCode)})
		case problem != nil:
			answers = append(answers, answer{Code: problem.Error()})
		default:
			answers = append(answers, answer{Body: found["body"]})
		}
	}
	must(json.NewEncoder(os.Stdout).Encode(answers))
}

func texts(values map[string]interface{}) map[string]*string {
	found := map[string]*string{}
	for name, value := range values {
		if text, ok := value.(string); ok {
			found[name] = tea.String(text)
		}
	}
	return found
}

func must(problem error) {
	if problem != nil {
		panic(problem)
	}
}
