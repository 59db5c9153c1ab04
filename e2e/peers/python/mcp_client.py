"""mcp, unmodified: what user code gets from a granted and from two refused calls. argv: URL."""

import asyncio
import json
import sys

from mcp import Client


async def call(client, name, arguments):
    try:
        result = await client.call_tool(name, arguments)
        return {"text": result.content[0].text}
    except Exception as e:  # noqa: BLE001
        error = getattr(e, "error", None)
        return {"error": type(e).__name__, "code": getattr(error, "code", None), "data": getattr(error, "data", None)}


async def main():
    async with Client(sys.argv[1]) as client:
        tools = await client.list_tools()
        print(json.dumps({"step": "list", "tools": [tool.name for tool in tools.tools]}))
        print(json.dumps({"step": "allowed", **await call(client, "get-sum", {"a": 500, "b": 1})}))
        print(json.dumps({"step": "above", **await call(client, "get-sum", {"a": 501, "b": 1})}))
        print(json.dumps({"step": "other", **await call(client, "echo", {"message": "hi"})}))
        print(json.dumps({"step": "spent", **await call(client, "get-sum", {"a": 1, "b": 1})}))


asyncio.run(main())
