// What NODE_USE_ENV_PROXY=1 does in newer versions of Node: fetch goes where HTTP_PROXY says.
import { EnvHttpProxyAgent, setGlobalDispatcher } from 'undici';

setGlobalDispatcher(new EnvHttpProxyAgent({ proxyTunnel: process.env.PROXY_TUNNEL === 'yes' }));
