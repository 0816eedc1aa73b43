// One line over time.
import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'

export interface ChartProps {
  title: string
  /** Seconds since 1970. */
  times: readonly number[]
  values: readonly (number | null)[]
  text: (value: number) => string
}

const heightPx = 150
/** Of what is counted there is no half. */
const steps = Array.from({ length: 15 }, (_, zeros) => [1, 2, 5].map(digit => digit * 10 ** zeros)).flat()

export function Chart({ title, times, values, text }: ChartProps) {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | undefined>(undefined)
  useEffect(() => {
    const { current } = place
    if (current === null) return
    const style = getComputedStyle(document.documentElement)
    const colour = (name: string) => style.getPropertyValue(name)
    const axis = {
      stroke: colour('--faint'),
      grid: { stroke: colour('--line'), width: 1 },
      ticks: { show: false },
    }
    const made = new uPlot(
      {
        width: current.clientWidth,
        height: heightPx,
        cursor: { y: false },
        series: [
          {},
          { stroke: colour('--accent'), width: 2, points: { show: true, size: 4 }, spanGaps: false },
        ],
        axes: [
          axis,
          { ...axis, size: 70, incrs: steps, values: (_, ticks) => ticks.map(tick => text(tick)) },
        ],
        scales: { y: { range: (_, __, most) => [0, Math.max(most * 1.1, 1)] } },
      },
      [[...times], [...values]] as uPlot.AlignedData,
      current,
    )
    plot.current = made
    const watch = new ResizeObserver(() => made.setSize({ width: current.clientWidth, height: heightPx }))
    watch.observe(current)
    return () => {
      watch.disconnect()
      made.destroy()
    }
  }, [])
  useEffect(() => {
    plot.current?.setData([[...times], [...values]] as uPlot.AlignedData)
  }, [times, values])
  const last = values.at(-1)
  return (
    <figure
      class="chart"
      aria-label={`${title}: ${last === null || last === undefined ? 'nothing' : text(last)} in the last hour`}
    >
      <figcaption class="faint">{title}</figcaption>
      <div ref={place} />
    </figure>
  )
}
