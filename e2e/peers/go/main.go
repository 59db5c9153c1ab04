// The MCP Go SDK, unmodified: a server ("serve ADDRESS"), and a client that says what user code gets from a granted and from
// refused calls ("call URL").
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

type sum struct {
	A float64 `json:"a"`
	B float64 `json:"b"`
}

type echo struct {
	Message string `json:"message"`
}

func main() {
	switch os.Args[1] {
	case "serve":
		check(serve(os.Args[2]))
	case "call":
		check(call(os.Args[2]))
	}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(address string) error {
	server := mcp.NewServer(&mcp.Implementation{Name: "sums", Version: "1"}, nil)
	mcp.AddTool(server, &mcp.Tool{Name: "get-sum"}, func(_ context.Context, _ *mcp.CallToolRequest, in sum) (*mcp.CallToolResult, any, error) {
		return text(fmt.Sprintf("The sum of %v and %v is %v.", in.A, in.B, in.A+in.B)), nil, nil
	})
	mcp.AddTool(server, &mcp.Tool{Name: "echo"}, func(_ context.Context, _ *mcp.CallToolRequest, in echo) (*mcp.CallToolResult, any, error) {
		return text(in.Message), nil, nil
	})
	// Behind a gate the Host is the name that callers use, which is none of a loopback address.
	options := &mcp.StreamableHTTPOptions{DisableLocalhostProtection: true}
	handler := mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server }, options)
	return http.ListenAndServe(address, handler)
}

func text(words string) *mcp.CallToolResult {
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: words}}}
}

func call(url string) error {
	ctx := context.Background()
	client := mcp.NewClient(&mcp.Implementation{Name: "peer", Version: "1"}, nil)
	session, err := client.Connect(ctx, &mcp.StreamableClientTransport{Endpoint: url}, nil)
	if err != nil {
		return err
	}
	tools, err := session.ListTools(ctx, nil)
	if err != nil {
		return err
	}
	names := []string{}
	for _, tool := range tools.Tools {
		names = append(names, tool.Name)
	}
	say("list", map[string]any{"tools": names})
	use(ctx, session, "allowed", "get-sum", map[string]any{"a": 500, "b": 1})
	use(ctx, session, "above", "get-sum", map[string]any{"a": 501, "b": 1})
	use(ctx, session, "other", "echo", map[string]any{"message": "hi"})
	use(ctx, session, "spent", "get-sum", map[string]any{"a": 1, "b": 1})
	return session.Close()
}

func use(ctx context.Context, session *mcp.ClientSession, step, tool string, arguments map[string]any) {
	result, err := session.CallTool(ctx, &mcp.CallToolParams{Name: tool, Arguments: arguments})
	var rpc *jsonrpc.Error
	switch {
	case errors.As(err, &rpc):
		say(step, map[string]any{"code": rpc.Code, "data": rpc.Data})
	case err != nil:
		say(step, map[string]any{"error": err.Error()})
	default:
		say(step, map[string]any{"text": result.Content[0].(*mcp.TextContent).Text})
	}
}

func say(step string, what map[string]any) {
	what["step"] = step
	line, err := json.Marshal(what)
	check(err)
	fmt.Println(string(line))
}
