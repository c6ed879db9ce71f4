import type { Size } from "@/draw/graph/camera";
import type { Film } from "@/draw/graph/paint";

/** Pixels on a canvas of their own, which keeps what lies below them visible where they are clear. */
export class CanvasFilm implements Film {
  pixels = new Uint32Array();
  /** Nothing was painted since the size changed. */
  blank = true;
  private readonly canvas = document.createElement("canvas");
  private image: ImageData | undefined;

  /** This film in another size. */
  of({ width, height }: Size): this {
    if (this.image?.width !== width || this.image.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
      this.image = new ImageData(width, height);
      this.pixels = new Uint32Array(this.image.data.buffer);
      this.blank = true;
    }
    return this;
  }

  show(ctx: CanvasRenderingContext2D): void {
    if (!this.image) return;
    this.blank = false;
    this.canvas.getContext("2d")!.putImageData(this.image, 0, 0);
    ctx.drawImage(this.canvas, 0, 0);
  }
}
