/** What Gemini CLI 0.61.0 sends in the second step of a turn: JSON Schema parameters, thoughts asked for, ids of its own, a signature. */
export const agentRequest = {
  contents: [
    { role: 'user', parts: [{ text: 'This is the Gemini CLI.' }] },
    { role: 'user', parts: [{ text: 'List the files, and read a.png.' }] },
    {
      role: 'model',
      parts: [
        { functionCall: { name: 'run_shell_command', args: { command: 'ls' }, id: 'run_shell_command_1764000000000_0' }, thoughtSignature: 'c2lnbmF0dXJl' },
        { functionCall: { name: 'read_file', args: { path: 'a.png' }, id: 'read_file_1764000000000_1' } },
      ],
    },
    {
      role: 'user',
      parts: [
        {
          functionResponse: {
            id: 'run_shell_command_1764000000000_0',
            name: 'run_shell_command',
            response: { output: '<untrusted_context>a.png</untrusted_context>' },
          },
        },
        { functionResponse: { id: 'read_file_1764000000000_1', name: 'read_file', response: { output: 'Binary content provided (1 item(s)).' } } },
        { inlineData: { mimeType: 'image/png', data: 'iVBORw0KGgo=' } },
      ],
    },
  ],
  systemInstruction: { role: 'user', parts: [{ text: 'You are an interactive CLI agent.' }] },
  tools: [
    {
      functionDeclarations: [
        {
          name: 'run_shell_command',
          description: 'Runs a command.',
          parametersJsonSchema: { type: 'object', properties: { command: { type: 'string', description: 'The command.' } }, required: ['command'] },
        },
        {
          name: 'read_file',
          description: 'Reads a file.',
          parametersJsonSchema: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
        },
      ],
    },
  ],
  generationConfig: { temperature: 1, topP: 0.95, topK: 64, thinkingConfig: { includeThoughts: true, thinkingLevel: 'HIGH' } },
}
