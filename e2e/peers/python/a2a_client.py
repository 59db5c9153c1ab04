"""a2a-sdk, unmodified: what user code gets from a granted and from refused calls. argv: base URL, binding."""

import asyncio
import json
import sys
import uuid

import httpx
from a2a.client import ClientConfig, create_client
from a2a.types import GetTaskRequest, Message, Part, Role, SendMessageRequest
from google.protobuf.json_format import ParseDict
from google.protobuf.struct_pb2 import Value


async def send(client, data):
    part = Part(data=ParseDict(data, Value()), media_type="application/json")
    message = Message(message_id=str(uuid.uuid4()), role=Role.ROLE_USER, parts=[part])
    async for event in client.send_message(SendMessageRequest(message=message)):
        return event.task.id or event.message.message_id


async def get(client, task):
    return (await client.get_task(GetTaskRequest(id=task))).id


async def say(step, call):
    try:
        found = await call
        print(json.dumps({"step": step, "id": found}))
        return found
    except Exception as e:  # noqa: BLE001
        print(json.dumps({"step": step, "error": type(e).__name__, "message": str(e), "data": getattr(e, "data", None)}))
        return ""


async def main():
    base, binding = sys.argv[1:3]
    config = ClientConfig(streaming=False, supported_protocol_bindings=[binding], httpx_client=httpx.AsyncClient())
    client = await create_client(base, config)
    task = await say("allowed", send(client, {"skill": "transfer", "amount": 500}))
    await say("above", send(client, {"skill": "transfer", "amount": 501}))
    await say("other", send(client, {"skill": "close"}))
    await say("own", get(client, task))
    await say("stranger", get(client, "somebody-elses"))


asyncio.run(main())
