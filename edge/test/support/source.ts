// The project's own source as the tidy test sees it: files, imports, functions.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import ts from 'typescript'

export const rooms = ['bench', 'config', 'control', 'edge', 'native'] as const

export interface Import {
  /** Path of the imported file from the root, or the name of a package. */
  target: string
  isPackage: boolean
  /** Erased by the compiler. */
  isTypeOnly: boolean
}

export interface FunctionSize {
  name: string
  line: number
  lines: number
}

export interface SourceFile {
  /** From the root, such as `edge/http/dates.ts`. */
  path: string
  text: string
  lines: number
  isTest: boolean
  imports: Import[]
  functions: FunctionSize[]
}

/** Every TypeScript file of the rooms below `root`, tests included. */
export function readSources(root: string): SourceFile[] {
  return rooms
    .map(room => join(root, room))
    .filter(existsSync)
    .flatMap(walk)
    .map(path => readSource(root, path))
}

function walk(directory: string): string[] {
  return readdirSync(directory).flatMap(name => {
    const path = join(directory, name)
    if (name === 'node_modules' || name === '.tap' || name.startsWith('tap-testdir')) return []
    if (statSync(path).isDirectory()) return walk(path)
    // What is generated nobody reads.
    return path.endsWith('.ts') && !path.endsWith('.d.ts') ? [path] : []
  })
}

function readSource(root: string, file: string): SourceFile {
  const text = readFileSync(file, 'utf8')
  const path = relative(root, file)
  const parsed = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true)
  return {
    path,
    text,
    lines: text.trimEnd().split('\n').length,
    isTest: path.includes('/test/'),
    imports: readImports(parsed, path),
    functions: readFunctions(parsed),
  }
}

function readImports(parsed: ts.SourceFile, path: string): Import[] {
  const imports: Import[] = []
  const visit = (node: ts.Node): void => {
    if (
      (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) &&
      node.moduleSpecifier !== undefined
    ) {
      imports.push(resolve(path, (node.moduleSpecifier as ts.StringLiteral).text, isErased(node)))
    }
    // A module named in a call: import(...), createRequire(...)(...), resolve(...).
    if (ts.isCallExpression(node)) {
      for (const argument of node.arguments) {
        if (ts.isStringLiteral(argument) && argument.text === 'uWebSockets.js') {
          imports.push({ target: argument.text, isPackage: true, isTypeOnly: false })
        } else if (ts.isStringLiteral(argument) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
          imports.push(resolve(path, argument.text, false))
        }
      }
    }
    ts.forEachChild(node, visit)
  }
  visit(parsed)
  return imports
}

function isErased(node: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(node)) return node.isTypeOnly
  const clause = node.importClause
  if (clause === undefined) return false
  if (clause.isTypeOnly) return true
  const { namedBindings } = clause
  if (clause.name !== undefined || namedBindings === undefined || !ts.isNamedImports(namedBindings))
    return false
  return namedBindings.elements.every(element => element.isTypeOnly)
}

function resolve(path: string, specifier: string, isTypeOnly: boolean): Import {
  if (!specifier.startsWith('.')) return { target: specifier, isPackage: true, isTypeOnly }
  const target = normalize(join(dirname(path), specifier)).replace(/\.js$/, '.ts')
  return { target, isPackage: false, isTypeOnly }
}

/** Named functions and methods, and functions kept in a constant; callbacks belong to what they are in. */
function readFunctions(parsed: ts.SourceFile): FunctionSize[] {
  const sizes: FunctionSize[] = []
  const lineOf = (position: number): number => parsed.getLineAndCharacterOfPosition(position).line + 1
  const visit = (node: ts.Node): void => {
    const name = nameOfFunction(node)
    if (name !== undefined) {
      const line = lineOf(node.getStart())
      sizes.push({ name, line, lines: lineOf(node.getEnd()) - line + 1 })
    }
    ts.forEachChild(node, visit)
  }
  visit(parsed)
  return sizes
}

function nameOfFunction(node: ts.Node): string | undefined {
  if (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node)) return node.name?.getText() ?? 'default'
  if (ts.isConstructorDeclaration(node)) return 'constructor'
  if (ts.isVariableDeclaration(node) && node.initializer !== undefined) {
    if (ts.isArrowFunction(node.initializer) || ts.isFunctionExpression(node.initializer))
      return node.name.getText()
  }
  return undefined
}
