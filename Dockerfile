# One image for all three services; the command says which.
FROM python:3.12-slim
RUN useradd --system --uid 65532 --create-home assaycache
WORKDIR /app
COPY pyproject.toml constraints.txt README.md ./
COPY assaycache assaycache
COPY rpc rpc
COPY cache_service cache_service
COPY analysis_service analysis_service
COPY gateway gateway
RUN pip install --no-cache-dir --constraint constraints.txt . && mkdir /blobs && chown assaycache /blobs
USER assaycache
ENV PYTHONUNBUFFERED=1
CMD ["python", "-m", "cache_service"]
