// @a2a-js/sdk, unmodified: one agent over gRPC, its card over HTTP. argv: port of HTTP, port of gRPC, host:port that callers use.
import express from 'express';
import grpc from '@grpc/grpc-js';
import { DefaultRequestHandler, InMemoryTaskStore, AgentEvent } from '@a2a-js/sdk/server';
import { agentCardHandler } from '@a2a-js/sdk/server/express';
import { A2AService, UserBuilder, grpcService } from '@a2a-js/sdk/server/grpc';

const [httpPort, grpcPort, host] = process.argv.slice(2);
const card = {
  name: 'ledger', description: 'Pays', version: '1', provider: undefined, documentationUrl: '', iconUrl: '',
  supportedInterfaces: [{ url: host, protocolBinding: 'GRPC', protocolVersion: '1.0', tenant: '' }],
  capabilities: { streaming: true, pushNotifications: false, extensions: [], extendedAgentCard: false },
  securitySchemes: {}, securityRequirements: [], signatures: [],
  defaultInputModes: ['application/json'], defaultOutputModes: ['application/json'],
  skills: [{ id: 'transfer', name: 'transfer', description: 'Pays', tags: [], examples: [], inputModes: [], outputModes: [], securityRequirements: [] }],
};
const executor = {
  async execute(context, bus) {
    const status = { state: 3, message: undefined, timestamp: new Date().toISOString() };
    bus.publish(AgentEvent.task({ id: context.taskId, contextId: context.contextId, status, artifacts: [], history: [context.userMessage], metadata: {} }));
    bus.finished();
  },
  async cancelTask() {},
};
const handler = new DefaultRequestHandler(card, new InMemoryTaskStore(), executor);
const server = new grpc.Server();
server.addService(A2AService, grpcService({ requestHandler: handler, userBuilder: UserBuilder.noAuthentication }));
server.bindAsync(`127.0.0.1:${grpcPort}`, grpc.ServerCredentials.createInsecure(), () => {
  const app = express();
  app.use('/.well-known/agent-card.json', agentCardHandler({ agentCardProvider: handler }));
  app.listen(Number(httpPort), '127.0.0.1');
});
