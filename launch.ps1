# ./launch.ps1 N M USER [options]: a cluster of N front ends and M replicas, and a client for USER.
# All it does itself is find Node.js; scripts/prepare.mjs installs and builds, src/launch does the rest.

if (-not (Get-Command node -ErrorAction SilentlyContinue)) {
  [Console]::Error.WriteLine('hearsay: Node.js 20.19 or newer is needed, and no node was found; get it from https://nodejs.org')
  exit 1
}
node (Join-Path $PSScriptRoot 'scripts/prepare.mjs')
if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
$main = Join-Path $PSScriptRoot 'dist/src/launch/main.js'
if ($MyInvocation.ExpectingInput) { $input | node $main up @args } else { node $main up @args }
exit $LASTEXITCODE
