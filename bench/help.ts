// What `npm run bench -- --help` prints.
import { AMOUNT_NAMES, AMOUNTS, type Known } from './options.js'

export function helpText({ scenarios, measurements, peers }: Known): string {
  const line = ({ name, summary }: { name: string; summary: string }) => `  ${name.padEnd(14)} ${summary}`
  const amounts = AMOUNT_NAMES.map(name => {
    const { default: usual, what } = AMOUNTS[name]
    return `  ${`--${name} N`.padEnd(16)} ${what} (default ${usual})`
  })
  return `npm run bench -- [scenario...] [flags]

The edge against other servers, on the same work in one run. Without names: everything, which takes hours.

CPU time per request, in interleaved rounds:
${scenarios.map(line).join('\n')}

What is promised of a whole host, with two workers:
${measurements.map(line).join('\n')}

Flags:
  --peers LIST     compared with the edge: ${peers.join(', ')}
                   (default nginx; commas between; none for nobody)
  --subject NAME   what the peers are compared with (default edge). \`--subject nginx\` shows how much
                   two equal servers differ on this machine
  --edge DIR       also compare with the edge built in another checkout
  --case NAME      only the cases of this name
  --seconds N      length of a round (default 3); of a measurement, how long it looks (default 10)
  --rounds N       rounds that count, at least (default 6, the fewest of which a 95% interval can be
                   given; of measurements 5); one more warms up
  --rounds-max N   rounds go on up to here until the interval of every ratio is within 3% (default 20)
  --workers N|all  of each server, on all cores, instead of one on a core of its own
  --syscalls       also count system calls per request, with strace, in one more round
  --gate           exit 1 when a budget of bench/budgets.json is missed beyond doubt
  --compare FILE   also against an earlier report (JSON)
  --out PATH       .json file or directory for the report (default bench/report); an HTML page is written beside it
  --install        fetch missing programs from Debian with apt-get (the packages of servers may start a service)
  --help           this text

Of measurements:
${amounts.join('\n')}

Exit codes: 0 measured, 1 measured with errors, a bound or a gate missed, or broken off, 2 wrong argument or something
is missing.`
}
