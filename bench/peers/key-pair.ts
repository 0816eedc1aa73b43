// The certificate that all peers show where a scenario is about TLS: for localhost, signed by nobody, an EC key on P-256
// as most sites have it.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface KeyPairFiles {
  certFile: string
  keyFile: string
  /** Both, one behind the other. */
  bothFile: string
}

/** Writes the files into a directory of the run, which need not be there yet. */
export async function writeKeyPair(directory: string): Promise<KeyPairFiles> {
  const files = {
    certFile: join(directory, 'localhost.crt'),
    keyFile: join(directory, 'localhost.key'),
    bothFile: join(directory, 'localhost.pem'),
  }
  await mkdir(directory, { recursive: true })
  await writeFile(files.certFile, certificate)
  await writeFile(files.keyFile, key)
  await writeFile(files.bothFile, `${certificate}${key}`)
  return files
}

// secret: allowed
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgbOV1w8MrhC6hoxZf
Vu+mNKTkQhg15xvYWO81FC00hqGhRANCAATJt49sX145njUI4yJEEzpiWAnOLmnb
kyb1ZE+W+UlzbaBfxJEyIK6++0Nw9f+S1gjxikmI9xOMQluprDCJ8DpV
-----END PRIVATE KEY-----
`

const certificate = `-----BEGIN CERTIFICATE-----
MIIBnDCCAUGgAwIBAgIUGkwliA2rjAwzmD9PBgxjyxalzbAwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyODExMzcyOVoYDzIxMjYxMTA0
MTEzNzI5WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATJt49sX145njUI4yJEEzpiWAnOLmnbkyb1ZE+W+UlzbaBfxJEyIK6+
+0Nw9f+S1gjxikmI9xOMQluprDCJ8DpVo28wbTAdBgNVHQ4EFgQUyAAYuC5H2Z4J
T6XZmU7McA94TIcwHwYDVR0jBBgwFoAUyAAYuC5H2Z4JT6XZmU7McA94TIcwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSQAwRgIhAKc9EyBJ2Ot6tH0a+5lwHmVYJmQx08jqOirA03S7bVH6AiEA
+yGGhE2ntYv3ttY2A9L1W1p1dQoKhuY10G5TnUaPtbw=
-----END CERTIFICATE-----
`
