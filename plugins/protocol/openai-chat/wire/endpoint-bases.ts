/** Where the endpoints are: the vendor's own place, and the one where Google has them (ai.google.dev/gemini-api/docs/openai). */
export const endpointBases = ['/v1', '/v1beta/openai'] as const
