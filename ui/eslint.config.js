import importX from "eslint-plugin-import-x";
import { createTypeScriptImportResolver } from "eslint-import-resolver-typescript";
import svelte from "eslint-plugin-svelte";
import globals from "globals";
import tseslint from "typescript-eslint";
import svelteConfig from "./svelte.config.js";

/** The folders of the second tier: each may use the first tier, never another folder of its own tier. */
const domains = ["organization", "chat", "connection", "gateway", "notices", "settings"];

/** What one tier must not import; every folder not named here may be imported. */
const zones = [
  { target: "./src/backend", from: "./src", except: ["./backend"], message: "The backend knows nothing of the window." },
  { target: "./src/text", from: "./src", except: ["./text", "./backend/generated.ts"], message: "Texts stand alone." },
  { target: "./src/state", from: "./src", except: ["./state", "./backend", "./text"], message: "State does not know who draws it." },
  { target: "./src/shared", from: "./src", except: ["./shared", "./text"], message: "Shared parts know no domain and no state." },
  ...domains.map((domain) => ({
    target: `./src/${domain}`,
    from: "./src",
    except: [`./${domain}`, "./shared", "./state", "./text", "./backend/generated.ts", "./backend/backend.ts"],
    message: "A domain uses shared parts and state; views put domains together.",
  })),
  { target: "./src/views", from: "./src/backend", except: ["./generated.ts", "./backend.ts"], message: "Views talk to state." },
];

export default tseslint.config(
  { ignores: ["dist/", "dist-fake/", "node_modules/", "src/backend/generated.ts"] },
  ...tseslint.configs.strict,
  ...svelte.configs.recommended,
  {
    plugins: { "import-x": importX },
    settings: {
      "import-x/resolver-next": [createTypeScriptImportResolver({ project: "./tsconfig.json", extensions: [".ts", ".svelte", ".svelte.ts", ".js", ".json"] })],
      "import-x/extensions": [".ts", ".js", ".svelte"],
      "import-x/parsers": { "@typescript-eslint/parser": [".ts"], "svelte-eslint-parser": [".svelte"] },
      "import-x/external-module-folders": ["node_modules"],
    },
    languageOptions: {
      globals: { ...globals.browser },
      // Also for plain TypeScript: the import rules parse the components it imports.
      parserOptions: { parser: tseslint.parser, extraFileExtensions: [".svelte"], svelteConfig },
    },
    rules: {
      "import-x/no-cycle": "error",
      "import-x/no-default-export": "off",
      "import-x/no-restricted-paths": ["error", { zones }],
      "no-restricted-imports": ["error", { patterns: [{ group: ["@tauri-apps/*"], message: "Only backend/tauri.ts knows Tauri." }] }],
      eqeqeq: "error",
      "no-console": "error",
      "@typescript-eslint/no-non-null-assertion": "error",
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/no-invalid-void-type": "off",
      "svelte/no-at-html-tags": "error",
      "svelte/require-each-key": "error",
      "svelte/button-has-type": "error",
      // State that nothing draws stays out of the reactive graph on purpose.
      "svelte/prefer-svelte-reactivity": "off",
    },
  },
  { files: ["**/*.svelte.ts"], languageOptions: { parser: tseslint.parser } },
  { files: ["src/**/*.ts"], ignores: ["src/**/*.svelte.ts"], rules: { "import-x/no-default-export": "error" } },
  { files: ["src/backend/tauri.ts"], rules: { "no-restricted-imports": "off" } },
  { files: ["scripts/**", "*.config.*"], languageOptions: { globals: { ...globals.node } }, rules: { "no-console": "off" } },
);
