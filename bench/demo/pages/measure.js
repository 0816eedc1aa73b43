// The page that measures: fetches through the edge, reads what the cache says of each answer, draws the times.
// uPlot, the script before this one, draws.
const ROUNDS = 8
const ADDRESSES = [
  '/how-it-works',
  '/photographs',
  '/photographs/plateau-noon-800.jpg',
  '/api/time',
  '/private',
]
const RESULTS = ['hit', 'miss', 'passed']
const COLOURS = { hit: '#0b6e4f', miss: '#d9730d', passed: '#5b6b8c' }
const element = id => document.getElementById(id)

/** The word of Cache-Status (RFC 9211) in three classes: answered by the cache, fetched for it, never kept. */
function resultOf(cacheStatus) {
  if (/;\s*hit\b/.test(cacheStatus)) return 'hit'
  return /;\s*stored\b/.test(cacheStatus) ? 'miss' : 'passed'
}

/** `no-store` keeps the browser's own cache out of it; the edge pays no heed to a browser's wish to reload. */
async function measure(address) {
  const startedAt = performance.now()
  const response = await fetch(address, { cache: 'no-store' })
  await response.arrayBuffer()
  const timeMs = performance.now() - startedAt
  const cacheStatus = response.headers.get('Cache-Status') ?? ''
  return { address, timeMs, cacheStatus, age: response.headers.get('Age'), result: resultOf(cacheStatus) }
}

/** Each run adds a query of its own, so that its first round finds nothing in the cache. */
function addressesOf(run) {
  const addresses = ADDRESSES.map(address => (address.startsWith('/api') ? address : `${address}?run=${run}`))
  return element('slow').checked ? [...addresses, `/slow?run=${run}`] : addresses
}

function show(sample, samples) {
  const row = element('rows').insertRow(0)
  const cells = [sample.address, '', `${sample.timeMs.toFixed(1)} ms`, sample.age ?? '', '']
  for (const text of cells) row.insertCell().textContent = text
  row.cells[2].className = 'number'
  row.cells[3].className = 'number'
  row.cells[1].append(marked('span', sample.result, `tag ${sample.result}`))
  row.cells[4].append(marked('code', sample.cacheStatus, ''))
  const medians = RESULTS.map(result => [result, samples.filter(one => one.result === result)])
    .filter(([, list]) => list.length > 0)
    .map(([result, list]) => `${list.length} ${result}, median ${median(list).toFixed(1)} ms`)
  element('summary').textContent = medians.join(' · ')
}

function marked(name, text, className) {
  const made = document.createElement(name)
  made.textContent = text
  made.className = className
  return made
}

function median(samples) {
  const sorted = samples.map(sample => sample.timeMs).sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}

/** One series for each result, so that each has its colour; times on a logarithmic scale. */
function chartOf(target) {
  const series = RESULTS.map(result => ({
    label: result,
    stroke: COLOURS[result],
    paths: () => null,
    points: { show: true, size: 9, fill: COLOURS[result] },
    value: (_, value) => (value == null ? '–' : `${value.toFixed(1)} ms`),
  }))
  const options = {
    width: target.clientWidth - 14,
    height: 300,
    scales: { x: { time: false, range: (_, __, max) => [0, Math.max(10, (max ?? 0) + 1)] }, y: { distr: 3 } },
    axes: [
      { label: 'request', incrs: [1, 2, 5, 10, 20, 50] },
      { size: 72, values: (_, ticks) => ticks.map(tick => (tick == null ? '' : `${tick} ms`)) },
    ],
    series: [{ label: 'request' }, ...series],
  }
  const chart = new uPlot(options, [[], [], [], []], target)
  addEventListener('resize', () => chart.setSize({ width: target.clientWidth - 14, height: 300 }))
  return chart
}

function draw(chart, samples) {
  const column = result => samples.map(sample => (sample.result === result ? sample.timeMs : null))
  chart.setData([samples.map((_, index) => index + 1), ...RESULTS.map(column)])
}

async function run(chart) {
  const samples = []
  const addresses = addressesOf(Date.now().toString(36))
  element('run').disabled = true
  element('rows').replaceChildren()
  try {
    for (let round = 1; round <= ROUNDS; round++) {
      element('state').textContent = `round ${round} of ${ROUNDS}`
      for (const address of addresses) {
        const sample = await measure(address)
        samples.push(sample)
        show(sample, samples)
        draw(chart, samples)
      }
    }
    element('state').textContent = 'done'
  } catch (error) {
    element('state').textContent = `broken off: ${error.message}`
  } finally {
    element('run').disabled = false
  }
}

const chart = chartOf(element('chart'))
element('run').addEventListener('click', () => run(chart))
run(chart)
