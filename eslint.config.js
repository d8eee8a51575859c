import js from '@eslint/js';
import { globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  globalIgnores([
    'bench/out',
    '.cache',
    'dist',
    'src/app/locales',
    'src/wasm/assembly',
    'src/**/generated',
    'test-results',
    '.carry',
  ]),
  js.configs.recommended,
  ...tseslint.configs.strict,
  {
    files: ['**/*.ts'],
    rules: {
      'no-undef': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      'max-lines': ['error', { max: 500, skipBlankLines: true, skipComments: true }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-empty': ['error', { allowEmptyCatch: false }],
    },
  },
  { files: ['**/*.cjs'], languageOptions: { globals: { module: 'writable', require: 'readonly' } } },
  // It runs in a page.
  { files: ['test/heavy/firefox-driver.js'], rules: { 'no-undef': 'off' } },
  { files: ['src/**/*.ts'], ignores: ['src/**/*.test.ts'], rules: { 'no-console': 'error' } },
);
