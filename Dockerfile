# wasienv and a proved toolchain in an image: `docker build -t wasienv .`, then
# `docker run --rm -v "$PWD:/work" wasienv cc first.c` and `docker run --rm -v "$PWD:/work" wasienv run first.wasm`.
# test/docker.test.ts runs these steps, without Docker, in directories of its own.
FROM node:22-bookworm-slim AS build
WORKDIR /opt/wasienv
COPY . .
RUN npm ci --no-audit --no-fund
RUN npm prune --omit=dev --no-audit --no-fund
ENV WASIENV_HOME=/opt/wasienv-home
# The build fails unless the programs of the proof, built by what was installed, do what they must.
RUN node bin/wasienv.js setup --quiet

FROM node:22-bookworm-slim
# The receipts name this path.
COPY --from=build /opt/wasienv-home /opt/wasienv-home
COPY --from=build /opt/wasienv /opt/wasienv
ENV WASIENV_HOME=/opt/wasienv-home
RUN ln -s /opt/wasienv/bin/wasienv.js /usr/local/bin/wasienv
RUN wasienv doctor
WORKDIR /work
ENTRYPOINT ["wasienv"]
