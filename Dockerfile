# syntax=docker/dockerfile:1

FROM node:22-bookworm-slim AS web
WORKDIR /src/frontend
# The tools in a layer of their own: they change less often than the code.
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci --ignore-scripts
COPY frontend ./
RUN npm run build

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=web /src/frontend/dist frontend/dist
ARG VERSION=unknown
# cgo for the speech runtime, which is opened at run time.
RUN CGO_ENABLED=1 go build -buildvcs=false -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /out/fieldreel ./cmd/fieldreel

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates ffmpeg \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --user-group --home-dir /data --no-create-home fieldreel \
 && install -d -o fieldreel -g fieldreel -m 0700 /data
COPY --from=build /out/fieldreel /usr/local/bin/fieldreel
USER fieldreel
WORKDIR /data
VOLUME /data
ENV FIELDREEL_DATA=/data FIELDREEL_LISTEN=0.0.0.0:8080
EXPOSE 8080
# Ready in 2 s; a start that migrates a large database is given a minute. Bash speaks the little HTTP that this
# takes, so the image needs no client. "Ready" is 200: it reaches its database and its store, and can take work.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /readyz HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
# A stop drains for up to 30 s: give `docker stop` at least 40.
STOPSIGNAL SIGTERM
ENTRYPOINT ["fieldreel"]
CMD ["serve"]
