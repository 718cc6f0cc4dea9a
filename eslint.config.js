import js from '@eslint/js'
import prettier from 'eslint-config-prettier'
import tseslint from 'typescript-eslint'

/** Folders of src/ that a folder may not import from: imports run one way (docs/architecture.md). */
const forbidden = {
  audio: [
    'pipeline',
    'providers',
    'calls',
    'mastra',
    'routes',
    'simulator',
    'cli',
    'compose',
    'app',
    'server',
    'config',
    'log',
    'clock',
    'errors',
  ],
  pipeline: [
    'providers',
    'store',
    'calls',
    'mastra',
    'routes',
    'simulator',
    'cli',
    'compose',
    'app',
    'server',
    'config',
  ],
  providers: [
    'calls',
    'mastra',
    'routes',
    'simulator',
    'cli',
    'compose',
    'app',
    'server',
    'config',
  ],
  metrics: [
    'providers',
    'mastra',
    'routes',
    'simulator',
    'cli',
    'compose',
    'app',
    'server',
    'config',
  ],
  tracing: [
    'providers',
    'mastra',
    'routes',
    'simulator',
    'cli',
    'compose',
    'app',
    'server',
    'config',
  ],
  store: [
    'providers',
    'mastra',
    'routes',
    'simulator',
    'cli',
    'compose',
    'app',
    'server',
    'config',
  ],
  calls: [
    'store',
    'providers',
    'mastra',
    'routes',
    'simulator',
    'cli',
    'compose',
    'app',
    'server',
    'config',
  ],
  routes: ['providers', 'mastra', 'simulator', 'cli', 'compose', 'app', 'server', 'config'],
  simulator: ['pipeline', 'calls', 'mastra', 'routes', 'cli', 'compose', 'app', 'server', 'config'],
}

/** Packages that only their own layer may know. */
const packagesOf = {
  audio: ['fastify', 'ws', 'twilio', '@anthropic-ai/*', 'undici', 'pino'],
  pipeline: ['fastify', '@fastify/*', 'ws', 'twilio', '@anthropic-ai/*', 'undici'],
  calls: ['fastify', '@fastify/*', 'ws', 'twilio', '@anthropic-ai/*', 'undici'],
  routes: ['ws', 'twilio', '@anthropic-ai/*', 'undici'],
}

const importDirections = Object.entries(forbidden).map(([folder, targets]) => ({
  files: [`src/${folder}/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          ...targets.map((target) => ({
            regex: `^(\\.\\./)+${target}(\\.ts$|/)`,
            message: `src/${folder} must not import from ${target}: see docs/architecture.md`,
          })),
          ...(folder === 'simulator'
            ? [
                {
                  regex: '^(\\.\\./)+providers/(?!.*messages\\.ts$)',
                  message:
                    'the simulator may know wire schemas (messages.ts), never the adapters it is there to test',
                },
              ]
            : []),
          ...(packagesOf[folder] ?? []).map((name) => ({
            group: [name],
            message: `src/${folder} does not know this package: see docs/architecture.md`,
          })),
        ],
      },
    ],
  },
}))

const timers = ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval'].map((name) => ({
  name,
  message: 'time comes from src/clock.ts',
}))

export default tseslint.config(
  { ignores: ['node_modules', 'coverage', 'demo-output', 'bench/results'] },
  js.configs.recommended,
  { files: ['**/*.ts'], extends: [tseslint.configs.strictTypeChecked] },
  {
    files: ['**/*.ts'],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/naming-convention': [
        'error',
        {
          selector: 'typeLike',
          format: ['PascalCase'],
          custom: { regex: '^[ITZ][A-Z]', match: false },
        },
      ],
      'max-params': ['error', 4],
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      complexity: ['error', 15],
      'no-restricted-globals': ['error', ...timers],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'the environment is read in src/config.ts' },
        { object: 'AbortSignal', property: 'timeout', message: 'time comes from src/clock.ts' },
      ],
    },
  },
  { files: ['src/clock.ts'], rules: { 'no-restricted-globals': 'off' } },
  { files: ['src/server.ts', 'src/cli/**/*.ts'], rules: { 'no-restricted-properties': 'off' } },
  { files: ['src/cli/**/*.ts', 'src/server.ts', 'bench/**/*.ts'], rules: { 'no-console': 'off' } },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
  ...importDirections,
  prettier,
)
