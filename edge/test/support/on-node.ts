// Imported before the plays of a process, they run on the engine node.
process.env.NAIJ_TEST_ENGINE = 'node'
