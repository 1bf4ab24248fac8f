# Headroom as an image: the program, certificates and a C library; no shell, no package manager, no root.
FROM rust:1.95-slim-bookworm AS build
RUN apt-get update && apt-get install --yes --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY Cargo.toml Cargo.lock askama.toml schema.sql ./
COPY src src
COPY assets assets
COPY benches benches
COPY pictures pictures
COPY studio studio
COPY tests/pictures/astronaut.jpg tests/pictures/astronaut.jpg
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/build/target \
    cargo build --locked --profile dist --bin headroom && cp target/dist/headroom /headroom
RUN install -d -m 0700 /data

# Its C library is the one that the program was built and tested with; studio's memory limits are measured with its allocator.
FROM gcr.io/distroless/cc-debian12:nonroot AS headroom
COPY --from=build /headroom /usr/local/bin/headroom
COPY --from=build --chown=65532:65532 /data /data
USER 65532:65532
WORKDIR /data
ENV HEADROOM_DATA=/data HEADROOM_LISTEN=0.0.0.0:8080
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=6s --start-period=60s --retries=3 CMD ["/usr/local/bin/headroom", "health"]
ENTRYPOINT ["/usr/local/bin/headroom"]
CMD ["serve"]
